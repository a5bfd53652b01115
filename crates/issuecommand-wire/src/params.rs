//! The parameters of a call, read in the same way from a body, a query or the arguments of a tool.
//!
//! Text is trimmed. An optional parameter that is `null` or blank counts as absent. A missing required parameter, or an invalid
//! one, is a [`ParamError`] that says what is allowed. The [`ParamSource`] decides what happens to an unknown parameter, or to
//! an optional one of a wrong type.

mod check;
mod nearest;
mod param;
mod readers;

use serde_json::{Map, Value};

pub use self::check::ParamSource;
pub use self::param::{Param, ParamError, ParamType};

/// The parameters that a caller sent.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map<String, Value>,
    /// Warnings on input that was ignored before the parameters were read.
    notes: Vec<String>,
}

impl From<Map<String, Value>> for Params {
    fn from(map: Map<String, Value>) -> Self {
        Self {
            map,
            notes: Vec::new(),
        }
    }
}

impl Params {
    /// The members of a JSON object.
    ///
    /// # Errors
    /// [`ParamError`] for anything but an object.
    pub fn from_json(value: Value) -> Result<Self, ParamError> {
        match value {
            Value::Object(map) => Ok(map.into()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(ParamError {
                message: "The input must be a JSON object.".to_owned(),
            }),
        }
    }

    /// Adds a parameter from the path or a header. It replaces one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.map.insert(name.to_owned(), value.into());
        self
    }

    /// Adds warnings on input outside the parameters that may have been meant as one.
    #[must_use]
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }
}
