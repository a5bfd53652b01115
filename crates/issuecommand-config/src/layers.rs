//! The sources laid over each other: which value of a setting wins, and where it stands.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use figment::Figment;
use figment::value::{Num, Value};

use crate::error::{BadValue, SettingsError};
use crate::layer::{Layer, label};
use crate::origin::Origin;
use crate::setting::{Kind, Setting};
use crate::sources::{Sources, at_home};

/// All sources as one: the readers of typed options ask it for one setting at a time.
pub struct Layers {
    merged: Figment,
    origins: Vec<Origin>,
    home: Option<PathBuf>,
}

/// Without values: they may be secrets.
impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Layers");
        debug.field("origins", &self.origins);
        debug.finish_non_exhaustive()
    }
}

impl Layers {
    /// Reads the sources.
    ///
    /// # Errors
    /// A file that cannot be read, and a key in it or on the command line that is no setting.
    pub fn of(sources: &Sources) -> Result<Self, SettingsError> {
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

    /// The value of a setting that wins; `None` if neither a source nor a default gives one.
    ///
    /// # Errors
    /// A value of the file whose TOML type does not fit the setting.
    pub fn find(&self, setting: &'static Setting) -> Result<Option<RawValue>, SettingsError> {
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

    /// A path, in which `~/` at the beginning stands for the home folder: in a file or an MCP client's configuration no shell has
    /// replaced it.
    ///
    /// # Errors
    /// The path begins with `~` and no home folder is known.
    pub fn path(&self, given: &RawValue, path: PathBuf) -> Result<PathBuf, SettingsError> {
        if !path.starts_with("~") {
            return Ok(path);
        }
        at_home(&path, self.home.as_deref()).ok_or_else(|| given.refuse())
    }

    /// The value of a setting that has a default.
    ///
    /// # Errors
    /// As of [`Layers::find`].
    pub fn need(&self, setting: &'static Setting) -> Result<RawValue, SettingsError> {
        self.find(setting)?
            .ok_or_else(|| setting.missing(Vec::new(), false))
    }
}

/// Typed values of settings that have a default. Each error is a value that the definition does not allow.
impl Layers {
    /// A [`Kind::Bool`].
    ///
    /// # Errors
    /// Another word.
    pub fn bool(&self, setting: &'static Setting) -> Result<bool, SettingsError> {
        let value = self.need(setting)?;
        match value.text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(true),
            "0" | "false" | "no" | "off" => Ok(false),
            _ => Err(value.refuse()),
        }
    }

    /// A [`Kind::Integer`] within its bounds.
    ///
    /// # Errors
    /// No number, or one out of bounds.
    pub fn integer<N: TryFrom<u32>>(&self, setting: &'static Setting) -> Result<N, SettingsError> {
        let value = self.need(setting)?;
        let Kind::Integer { least, most } = setting.kind else {
            return Err(value.refuse());
        };
        let digits = value.text.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.text.parse().ok();
        number
            .filter(|number| digits && (least..=most).contains(number))
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| value.refuse())
    }

    /// A [`Kind::Choice`]: of `values` the one at the place of the word in the definition.
    ///
    /// # Errors
    /// Another word.
    pub fn choice<T, const N: usize>(
        &self,
        setting: &'static Setting,
        values: [T; N],
    ) -> Result<T, SettingsError> {
        let value = self.need(setting)?;
        let words = match setting.kind {
            Kind::Choice { words, .. } => words,
            Kind::Bool | Kind::Integer { .. } | Kind::Text(_) | Kind::List(_) | Kind::Tables(_) => {
                &[]
            }
        };
        debug_assert_eq!(words.len(), N, "{} has a value for each word", setting.name);
        let same =
            |(word, of_word): (&&str, T)| word.eq_ignore_ascii_case(&value.text).then_some(of_word);
        let chosen = words.iter().zip(values).find_map(same);
        chosen.ok_or_else(|| value.refuse())
    }
}

/// A table of a [`Kind::Tables`]: its keys, each with one text or several.
pub type TextTable = BTreeMap<String, Vec<String>>;

impl Layers {
    /// The tables of a [`Kind::Tables`], in order, with the value to refuse if one of them does not do; `None` if no source gives any.
    ///
    /// # Errors
    /// A text that is no array of tables, or a table with other values than texts and arrays of texts.
    pub fn tables(
        &self,
        setting: &'static Setting,
    ) -> Result<Option<(Vec<TextTable>, RawValue)>, SettingsError> {
        let Some(given) = self.find(setting)? else {
            return Ok(None);
        };
        let parsed = format!("tables = {}", given.text).parse::<toml::Table>();
        let tables = parsed.ok().and_then(|mut all| all.remove("tables"));
        let Some(toml::Value::Array(tables)) = tables else {
            return Err(given.refuse());
        };
        let tables: Option<Vec<TextTable>> = tables.iter().map(text_table).collect();
        let tables = tables.ok_or_else(|| given.refuse())?;
        Ok(Some((tables, given)))
    }
}

fn text_table(value: &toml::Value) -> Option<TextTable> {
    let entries = value.as_table()?.iter();
    let entries = entries.map(|(key, value)| {
        let texts = match value {
            toml::Value::String(text) => vec![text.clone()],
            toml::Value::Array(parts) => {
                let parts = parts.iter().map(|part| part.as_str().map(str::to_owned));
                parts.collect::<Option<_>>()?
            }
            _ => return None,
        };
        Some((key.clone(), texts))
    });
    entries.collect()
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

/// The text of a setting, and where it stands. It may be a secret.
pub struct RawValue {
    setting: &'static Setting,
    /// The text without blanks at its ends.
    pub text: String,
    /// The source that gives it.
    pub origin: Origin,
}

/// Without the text: it may be a secret.
impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RawValue");
        debug.field("setting", &self.setting.name);
        debug.field("origin", &self.origin);
        debug.finish_non_exhaustive()
    }
}

impl RawValue {
    /// The error for this value, if it is not allowed.
    pub fn refuse(&self) -> SettingsError {
        self.refuse_part(&self.text)
    }

    /// The error for a part of it.
    pub fn refuse_part(&self, part: &str) -> SettingsError {
        self.refused((!self.setting.secret).then(|| part.to_owned()))
    }

    /// The error for a value that may hold a secret although its setting is not marked as one.
    pub fn refuse_hidden(&self) -> SettingsError {
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
}
