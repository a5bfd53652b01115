//! The settings that are in force, with where each stands. Secrets are not shown.

use crate::definitions::DEFINITIONS;
use crate::error::SettingsError;
use crate::layers::Layers;
use crate::origin::Origin;
use crate::setting::DefaultValue;
use crate::sources::Sources;

/// One setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSetting {
    /// Its name in the environment.
    pub name: &'static str,
    /// What holds, unless it is a secret or unset.
    pub value: Value,
    /// Where it stands; `None` where nothing gives it.
    pub origin: Option<Origin>,
}

/// What holds for a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Text(String),
    /// A secret is set.
    Hidden,
    /// Nothing is set, which means what these words say.
    Unset(&'static str),
    /// Nothing is set, and the programs that act on it do not start.
    Needed,
    /// The same, unless something else is so.
    NeededUnless(&'static str),
}

/// All settings in the order of the table.
///
/// # Errors
/// A source that cannot be read, or a value of a wrong type. Whether a value is allowed is only checked where it is read into options.
pub fn effective(sources: &Sources) -> Result<Vec<EffectiveSetting>, SettingsError> {
    let layers = Layers::of(sources)?;
    let mut all = Vec::with_capacity(DEFINITIONS.len());
    for setting in DEFINITIONS {
        let given = layers.find(setting)?;
        let value = match (&given, setting.if_unset) {
            (Some(_), _) if setting.secret => Value::Hidden,
            (Some(given), _) => Value::Text(given.text.clone()),
            (None, DefaultValue::Means(words) | DefaultValue::Default(words)) => {
                Value::Unset(words)
            }
            (None, DefaultValue::Needed(_)) => Value::Needed,
            (None, DefaultValue::NeededUnless { unless, .. }) => Value::NeededUnless(unless),
        };
        all.push(EffectiveSetting {
            name: setting.name,
            value,
            origin: given.map(|given| given.origin),
        });
    }
    Ok(all)
}
