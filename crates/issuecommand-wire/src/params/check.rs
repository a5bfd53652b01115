//! Parameters that would otherwise be dropped: unknown ones, and optional ones of a wrong type.
//!
//! To drop a filter gives other work than was asked for. A tool call that would lose one is refused. The contract of HTTP
//! keeps that such fields are ignored, so its answers say which were.

use serde_json::{Map, Value};

use super::Params;
use super::nearest::nearest;
use super::param::{Param, ParamError, ParamType};

/// Where parameters came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamSource {
    /// The JSON body of an HTTP request: what does not fit is ignored, with a warning.
    Body,
    /// The query of an HTTP request, where everything is text: numbers and flags are read from it, and what does not fit is
    /// ignored with a warning.
    Query,
    /// The arguments of a tool: numbers and flags may be written as text, and what does not fit is an error.
    Tool,
}

/// Fields that mean nothing to most calls and are sent all the same. They narrow nothing, so nothing is lost with them.
///
/// `_meta` is the protocol's. `idempotency_key` is taken by the calls that give work; all others may be repeated without it.
const NEUTRAL: [&str; 2] = ["_meta", "idempotency_key"];
/// The argument that Cursor sends to a tool without parameters.
const FILLER: &str = "random_string";

/// How many fields are named in one answer.
const NAMED: usize = 10;
/// How much of an unknown name is repeated, in characters.
const NAME_LENGTH: usize = 64;

impl Params {
    /// Compares the fields with what a call takes. Answers those that it takes, with numbers and flags in their own types
    /// where the source has them as text, and the warnings on the others.
    ///
    /// A needed field of a wrong type is kept as it is: its reader refuses it.
    ///
    /// # Errors
    /// From a tool: an argument that the call does not take, or an optional one of a wrong type.
    pub(crate) fn checked(
        self,
        call: &str,
        params: &[Param],
        source: ParamSource,
    ) -> Result<(Self, Vec<String>), ParamError> {
        let mut fields = Map::new();
        let mut ignored = Vec::new();
        for (name, value) in self.map {
            let Some(param) = params.iter().find(|param| param.name == name) else {
                if !is_neutral(&name, params, source) {
                    ignored.push(IgnoredParam::Unknown(name));
                }
                continue;
            };
            if let Some(typed) = typed(param.kind, &value, source) {
                fields.insert(name, typed);
                continue;
            }
            if !fits(param, &value, source) {
                ignored.push(IgnoredParam::Wrong(param, kind_of(&value)));
            }
            fields.insert(name, value);
        }
        if source == ParamSource::Tool && !ignored.is_empty() {
            return Err(refusal(call, params, &ignored));
        }
        let mut warnings = self.notes;
        let count = warnings.len() + ignored.len();
        let shown = ignored.iter().map(|param| param.warning(params));
        warnings.extend(shown.take(NAMED));
        warnings.truncate(NAMED);
        if count > NAMED {
            warnings.push(format!("{} more were ignored.", count - NAMED));
        }
        Ok((fields.into(), warnings))
    }
}

impl Params {
    /// Of which type a field is that no reader took, unless it is absent or blank.
    pub(super) fn other_type(&self, param: &Param) -> Option<&'static str> {
        let value = self.map.get(param.name)?;
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        (!value.is_null() && !blank).then(|| kind_of(value))
    }
}

fn is_neutral(name: &str, params: &[Param], source: ParamSource) -> bool {
    match source {
        ParamSource::Body | ParamSource::Query => NEUTRAL.contains(&name),
        // The schemas of tools say which of them take an idempotency key.
        ParamSource::Tool => {
            name == "_meta" || (name == FILLER && !params.iter().any(|param| param.needed))
        }
    }
}

/// The value in the field's own type, where the source may have it as text.
fn typed(kind: ParamType, value: &Value, source: ParamSource) -> Option<Value> {
    let Value::String(text) = value else {
        return None;
    };
    let text = text.trim();
    match (source, kind) {
        (ParamSource::Body, _)
        | (_, ParamType::String | ParamType::Status | ParamType::FollowupStatus) => None,
        (ParamSource::Query, ParamType::Bool) => text.parse().ok().map(Value::Bool),
        (ParamSource::Tool, ParamType::Bool) => {
            text.to_ascii_lowercase().parse().ok().map(Value::Bool)
        }
        (ParamSource::Query | ParamSource::Tool, ParamType::Integer { .. }) => {
            // Digits alone: the parser of Rust would also take "+7".
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number: Option<i64> = digits.then(|| text.parse().ok()).flatten();
            number.map(Value::from)
        }
    }
}

/// Whether the field's reader takes this value or refuses it, as against passing over it.
fn fits(param: &Param, value: &Value, source: ParamSource) -> bool {
    if param.needed {
        return true;
    }
    match (param.kind, value) {
        (_, Value::Null)
        | (ParamType::Bool, Value::Bool(_))
        | (ParamType::Integer { .. }, Value::Number(_))
        | (ParamType::String | ParamType::Status | ParamType::FollowupStatus, Value::String(_)) => {
            true
        }
        // Blank is absent. A number in a query that is none is refused by its reader.
        (ParamType::Bool | ParamType::Integer { .. }, Value::String(text))
            if text.trim().is_empty() =>
        {
            true
        }
        (ParamType::Integer { .. }, Value::String(_)) => source == ParamSource::Query,
        (
            ParamType::String
            | ParamType::Bool
            | ParamType::Integer { .. }
            | ParamType::Status
            | ParamType::FollowupStatus,
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_),
        ) => false,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "this text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A field that does not count.
enum IgnoredParam<'a> {
    /// The call takes none of that name.
    Unknown(String),
    /// What stands in it is of another type, named in words.
    Wrong(&'a Param, &'static str),
}

impl IgnoredParam<'_> {
    fn warning(&self, params: &[Param]) -> String {
        match self {
            Self::Unknown(name) => {
                let hint = match nearest(name, params) {
                    Some(param) => format!("did you mean {}?", param.name),
                    None => taken(params),
                };
                let name = shown(name);
                format!("{name} was ignored: there is no such field here; {hint}")
            }
            Self::Wrong(param, kind) => {
                let demand = param.kind.demand();
                format!("{} was ignored: it {demand}, not {kind}.", param.name)
            }
        }
    }

    fn refusal(&self, params: &[Param]) -> String {
        match self {
            Self::Unknown(name) => {
                let hint = nearest(name, params)
                    .map(|param| format!(" Did you mean {}: {}?", param.name, param.description))
                    .unwrap_or_default();
                format!("There is no argument {}.{hint} ", shown(name))
            }
            Self::Wrong(param, kind) => {
                let (demand, description) = (param.kind.demand(), param.description);
                format!("{} {demand}, not {kind}: {description}. ", param.name)
            }
        }
    }
}

fn refusal(call: &str, params: &[Param], ignored: &[IgnoredParam<'_>]) -> ParamError {
    let words: String = ignored
        .iter()
        .take(NAMED)
        .map(|param| param.refusal(params))
        .collect();
    ParamError {
        message: format!("{words}In {call} {} Nothing was done.", taken(params)),
    }
}

fn taken(params: &[Param]) -> String {
    if params.is_empty() {
        return "there are no fields.".to_owned();
    }
    let names: Vec<&str> = params.iter().map(|param| param.name).collect();
    format!("the fields are {}.", names.join(", "))
}

/// An unknown name, no longer than a name may be and without control characters.
fn shown(name: &str) -> String {
    let name: String = name.chars().take(NAME_LENGTH).collect();
    format!("{name:?}")
}
