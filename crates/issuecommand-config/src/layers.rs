//! The sources laid over each other: which value of a setting wins, and where it stands.

use std::path::PathBuf;

use figment::Figment;
use figment::value::{Num, Value};
use issuecommand_core::domain::time::Millis;

use crate::error::{BadValue, SettingsError};
use crate::layer::{Layer, label};
use crate::origin::Origin;
use crate::setting::{Kind, Setting};
use crate::sources::{Sources, at_home};

/// All layers as one.
pub(crate) struct Layers {
    merged: Figment,
    origins: Vec<Origin>,
    home: Option<PathBuf>,
}

impl Layers {
    pub(crate) fn of(sources: &Sources) -> Result<Self, SettingsError> {
        let mut layers = vec![Layer::defaults()];
        layers.extend(sources.layers()?);
        let merged = layers
            .iter()
            .fold(Figment::new(), |merged, layer| merged.merge(layer));
        Ok(Self {
            merged,
            origins: layers.into_iter().map(|layer| layer.origin).collect(),
            home: sources.home.clone(),
        })
    }

    /// The value of a setting that wins; `None` where no source and no default gives one.
    pub(crate) fn find(
        &self,
        setting: &'static Setting,
    ) -> Result<Option<RawValue>, SettingsError> {
        let Ok(value) = self.merged.find_value(&setting.key()) else {
            return Ok(None);
        };
        let name = self
            .merged
            .get_metadata(value.tag())
            .map(|metadata| metadata.name.as_ref());
        let origin = self
            .origins
            .iter()
            .find(|origin| name == Some(label(origin)));
        let mut given = RawValue {
            setting,
            text: String::new(),
            origin: origin.cloned().unwrap_or(Origin::Default),
        };
        given.text = text_of(&value, setting.kind).map_err(|shown| given.refuse_part(&shown))?;
        Ok(Some(given))
    }

    /// A path, in which `~/` at the beginning stands for the home folder: no shell has read it in a file or an MCP client's
    /// configuration.
    pub(crate) fn path(&self, given: &RawValue, path: PathBuf) -> Result<PathBuf, SettingsError> {
        if !path.starts_with("~") {
            return Ok(path);
        }
        at_home(&path, self.home.as_deref()).ok_or_else(|| given.refuse())
    }

    /// The same for a setting that there is no doing without.
    pub(crate) fn need(&self, setting: &'static Setting) -> Result<RawValue, SettingsError> {
        self.find(setting)?
            .ok_or_else(|| setting.missing(Vec::new()))
    }
}

/// Values of settings that have a default.
impl Layers {
    pub(crate) fn bool(&self, setting: &'static Setting) -> Result<bool, SettingsError> {
        self.need(setting)?.bool()
    }

    pub(crate) fn count(&self, setting: &'static Setting) -> Result<u32, SettingsError> {
        self.need(setting)?.integer()
    }

    pub(crate) fn minutes(&self, setting: &'static Setting) -> Result<Millis, SettingsError> {
        Ok(Millis::minutes(self.count(setting)?.into()))
    }

    /// Minutes, of which 0 means 1.
    pub(crate) fn at_least_a_minute(
        &self,
        setting: &'static Setting,
    ) -> Result<Millis, SettingsError> {
        Ok(self.minutes(setting)?.max(Millis::minutes(1)))
    }
}

/// The text of a value; only the file has others than text, and only where they fit. Else how to show it.
fn text_of(value: &Value, kind: Kind) -> Result<String, String> {
    let shown = match value {
        Value::String(_, text) => return Ok(text.trim().to_owned()),
        Value::Bool(_, yes) => yes.to_string(),
        Value::Num(_, number) => number_text(*number),
        Value::Array(_, parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(Value::as_str).collect();
            match (parts, kind) {
                (Some(parts), Kind::List(_)) => return Ok(parts.join(",")),
                _ => "an array".into(),
            }
        }
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) => "a table".into(),
    };
    match (value, kind) {
        (Value::Bool(..) | Value::Num(..), Kind::Bool) | (Value::Num(..), Kind::Integer { .. }) => {
            Ok(shown)
        }
        _ => Err(shown),
    }
}

fn number_text(number: Num) -> String {
    match (number.to_i128(), number.to_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(fraction)) => format!("{fraction:?}"),
        (None, None) => "a number".into(),
    }
}

/// The text of a setting, trimmed, and where it stands.
pub(crate) struct RawValue {
    setting: &'static Setting,
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

impl RawValue {
    /// The error for this value.
    pub(crate) fn refuse(&self) -> SettingsError {
        self.refuse_part(&self.text)
    }

    /// The error for a part of it.
    pub(crate) fn refuse_part(&self, part: &str) -> SettingsError {
        self.refused((!self.setting.secret).then(|| part.to_owned()))
    }

    /// The error for a value that turned out to hold a secret.
    pub(crate) fn refuse_hidden(&self) -> SettingsError {
        self.refused(None)
    }

    fn refused(&self, value: Option<String>) -> SettingsError {
        SettingsError::Refused(Box::new(BadValue {
            key: self.origin.spelling(self.setting.name),
            value,
            origin: self.origin.clone(),
            allowed: self.setting.allowed(),
        }))
    }

    /// Yes or no.
    pub(crate) fn bool(&self) -> Result<bool, SettingsError> {
        match self.text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(true),
            "0" | "false" | "no" | "off" => Ok(false),
            _ => Err(self.refuse()),
        }
    }

    /// A number within the bounds of its row.
    pub(crate) fn integer<N: TryFrom<u32>>(&self) -> Result<N, SettingsError> {
        let Kind::Integer { least, most } = self.setting.kind else {
            return Err(self.refuse());
        };
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let number = self
            .text
            .parse()
            .ok()
            .filter(|number| digits && (least..=most).contains(number));
        number
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| self.refuse())
    }

    /// The one of these values whose word stands at the same place.
    pub(crate) fn choice<T: Copy, const N: usize>(
        &self,
        words: [&str; N],
        values: [T; N],
    ) -> Result<T, SettingsError> {
        let same =
            |(word, value): (&str, T)| word.eq_ignore_ascii_case(&self.text).then_some(value);
        words
            .into_iter()
            .zip(values)
            .find_map(same)
            .ok_or_else(|| self.refuse())
    }
}
