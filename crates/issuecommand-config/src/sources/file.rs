//! `issuecommand.toml`: keys are the settings' names in lower case, values are TOML's own.

use std::path::Path;

use figment::value::{Dict, Value};

use crate::definitions::DEFINITIONS;
use crate::error::SettingsError;
use crate::layer::Layer;
use crate::names::nearest;
use crate::origin::Origin;
use crate::setting::Kind;

/// Reads it.
pub(super) fn read(path: &Path) -> Result<Layer, SettingsError> {
    let text = std::fs::read_to_string(path).map_err(|reason| SettingsError::Unreadable {
        file: path.to_owned(),
        reason,
    })?;
    let table: toml::Table = text.parse().map_err(|error| syntax(path, &text, &error))?;
    let origin = Origin::File(path.to_owned());
    let mut values = Dict::new();
    for (key, value) in table {
        let Some(setting) = DEFINITIONS.iter().find(|setting| setting.key() == key) else {
            let nearest = nearest(&key);
            return Err(SettingsError::Unknown {
                key,
                origin,
                nearest,
            });
        };
        let value = match (setting.kind, value) {
            // As the other sources write it.
            (Kind::Tables(_), value @ toml::Value::Array(_)) => value.to_string().into(),
            (_, value) => figment_value(value),
        };
        values.insert(key, value);
    }
    Ok(Layer::new(origin, values))
}

/// TOML's own error would quote the line, which may hold a secret: only its words and the line's number are told.
fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> SettingsError {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = before.split(|&byte| byte == b'\n').count();
    SettingsError::Syntax {
        file: path.to_owned(),
        line,
        reason: error.message().replace('\n', "; "),
    }
}

fn figment_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(parts) => parts
            .into_iter()
            .map(figment_value)
            .collect::<Vec<_>>()
            .into(),
        toml::Value::Table(parts) => {
            let parts: Dict = parts
                .into_iter()
                .map(|(key, part)| (key, figment_value(part)))
                .collect();
            parts.into()
        }
    }
}
