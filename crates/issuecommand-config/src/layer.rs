//! What one source says of the settings, as a layer that lies over weaker ones.

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

use crate::definitions::DEFINITIONS;
use crate::origin::Origin;
use crate::setting::{DefaultValue, Setting};

/// What one source says, by keys in lower case.
pub(crate) struct Layer {
    pub(crate) origin: Origin,
    values: Dict,
}

impl Layer {
    /// A blank value is as good as none: what a weaker source says shows through.
    pub(crate) fn new(origin: Origin, mut values: Dict) -> Self {
        values.retain(|_, value| match value {
            Value::String(_, text) => !text.trim().is_empty(),
            Value::Array(_, parts) => !parts.is_empty(),
            _ => true,
        });
        Self { origin, values }
    }

    /// Of pairs under the names of the environment; what is no setting is left out.
    pub(crate) fn of_names(origin: Origin, pairs: &[(String, String)]) -> Self {
        let known = |name: &String| DEFINITIONS.iter().find(|setting| setting.name == name);
        let values = pairs
            .iter()
            .filter_map(|(name, text)| Some((known(name)?.key(), text.clone().into())))
            .collect();
        Self::new(origin, values)
    }

    pub(crate) fn defaults() -> Self {
        let value = |setting: &Setting| match setting.if_unset {
            DefaultValue::Default(text) => Some((setting.key(), text.into())),
            DefaultValue::Means(_)
            | DefaultValue::Needed(_)
            | DefaultValue::NeededUnless { .. } => None,
        };
        Self::new(
            Origin::Default,
            DEFINITIONS.iter().filter_map(value).collect(),
        )
    }
}

/// The name by which figment's answer is matched with a layer again.
pub(crate) fn label(origin: &Origin) -> &'static str {
    match origin {
        Origin::Default => "defaults",
        Origin::File(_) => "file",
        Origin::Dotenv(_) => "dotenv",
        Origin::Environment => "environment",
        Origin::Flag => "flags",
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(label(&self.origin))
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}
