//! The parameters of a call, read in the same way from a body, a query or the arguments of a tool.
//!
//! Text is trimmed. An optional parameter that is `null` or blank counts as absent. A missing required parameter, or an invalid
//! one, is a [`ParamError`] that says what is allowed. The [`ParamSource`] decides what happens to an unknown parameter, or to
//! an optional one of a wrong type.

mod check;
mod nearest;
mod param;
mod readers;

use issuecommand_core::domain::access::Caller;
use serde_json::{Map, Value};

pub use self::check::ParamSource;
pub use self::param::{Param, ParamError, ParamType};

/// The parameters that a caller sent.
#[derive(Clone, Debug, Default)]
pub struct Params {
    map: Map<String, Value>,
    /// Warnings on input that was ignored before the parameters were read.
    notes: Vec<String>,
    /// Whether they are the arguments of a tool.
    from_tool: bool,
}

impl From<Map<String, Value>> for Params {
    fn from(map: Map<String, Value>) -> Self {
        Self {
            map,
            notes: Vec::new(),
            from_tool: false,
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

    /// Fills in what the session of a tool's caller gives. Returns whether it gave anything.
    pub fn fill(&mut self, params: &[Param], caller: &Caller) -> bool {
        let session = caller.session.as_ref();
        let Some(agent) = session.and_then(|session| session.agent.as_ref()) else {
            return false;
        };
        let is_absent = |value: Option<&Value>| match value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => false,
        };
        let mut gave = false;
        for param in params.iter().filter(|param| param.of_session) {
            if is_absent(self.map.get(param.name)) {
                self.map
                    .insert(param.name.to_owned(), agent.as_str().into());
                gave = true;
            }
        }
        gave
    }

    /// Whether they are the arguments of a tool.
    pub(crate) fn are_of_a_tool(&self) -> bool {
        self.from_tool
    }

    /// The text of a member, whatever the call takes; `None` without one.
    pub fn raw_text(&self, name: &str) -> Option<&str> {
        let text = self.map.get(name).and_then(Value::as_str).map(str::trim);
        text.filter(|text| !text.is_empty())
    }

    /// Adds warnings on input outside the parameters that may have been meant as one.
    #[must_use]
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(notes);
        self
    }
}
