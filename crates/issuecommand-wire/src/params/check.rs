//! Checks for parameters that would otherwise be dropped: unknown ones, and optional ones of a wrong type.
//!
//! Dropping a filter would return other work than requested. A tool call with such a parameter is refused. The contract of HTTP
//! ignores such fields, so its responses name them.

use serde_json::{Map, Value};

use super::Params;
use super::nearest::nearest;
use super::param::{Param, ParamError, ParamType};

/// The source of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamSource {
    /// The JSON body of an HTTP request: unusable fields are ignored with a warning.
    Body,
    /// The query of an HTTP request, where everything is text: numbers and flags are parsed, and unusable fields are ignored
    /// with a warning.
    Query,
    /// The arguments of a tool: numbers and flags may be text, and unusable arguments are an error.
    Tool,
}

/// Fields that clients send to every call. Most calls ignore them without a warning, because they are no filters.
///
/// `_meta` belongs to the protocol. `idempotency_key` is a parameter of the calls that change something; all others can be repeated
/// without it.
/// `session_id` names the session of any call; see the surface.
const NEUTRAL: [&str; 3] = ["_meta", "idempotency_key", "session_id"];
/// The argument that Cursor sends to a tool without parameters.
const FILLER: &str = "random_string";

/// The most fields that are named in one response.
const NAMED: usize = 10;
/// The most characters of an unknown name that are echoed.
const NAME_LENGTH: usize = 64;

impl Params {
    /// Checks the fields against the parameters of a call. Returns the known ones, with numbers and flags converted from text
    /// if the source has only text, and warnings on the others.
    ///
    /// A required field of a wrong type stays unchanged, because its reader refuses it.
    ///
    /// # Errors
    /// For a tool: an unknown argument, or an optional one of a wrong type.
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
        let mut fields = Self::from(fields);
        fields.from_tool = source == ParamSource::Tool;
        Ok((fields, warnings))
    }
}

impl Params {
    /// The actual type of a field that no reader accepted, unless it is absent or blank.
    pub(super) fn other_type(&self, param: &Param) -> Option<&'static str> {
        let value = self.map.get(param.name)?;
        let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        (!value.is_null() && !blank).then(|| kind_of(value))
    }
}

fn is_neutral(name: &str, params: &[Param], source: ParamSource) -> bool {
    match source {
        ParamSource::Body | ParamSource::Query => NEUTRAL.contains(&name),
        // The schemas of tools show which of them have an idempotency key.
        ParamSource::Tool => {
            name == "_meta" || (name == FILLER && !params.iter().any(|param| param.needed))
        }
    }
}

/// The value in the field's own type, if the source may have it as text.
fn typed(kind: ParamType, value: &Value, source: ParamSource) -> Option<Value> {
    let Value::String(text) = value else {
        return None;
    };
    let text = text.trim();
    match (source, kind) {
        (ParamSource::Body, _)
        | (
            _,
            ParamType::String | ParamType::Status | ParamType::FollowupStatus | ParamType::OneOf(_),
        ) => None,
        (ParamSource::Query, ParamType::Bool) => text.parse().ok().map(Value::Bool),
        (ParamSource::Tool, ParamType::Bool) => {
            text.to_ascii_lowercase().parse().ok().map(Value::Bool)
        }
        (ParamSource::Query | ParamSource::Tool, ParamType::Integer { .. }) => {
            // Only digits: Rust's parser would also accept "+7".
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number: Option<i64> = digits.then(|| text.parse().ok()).flatten();
            number.map(Value::from)
        }
    }
}

/// Whether the field's reader accepts or refuses this value, as opposed to ignoring it.
fn fits(param: &Param, value: &Value, source: ParamSource) -> bool {
    if param.needed {
        return true;
    }
    match (param.kind, value) {
        (_, Value::Null)
        | (ParamType::Bool, Value::Bool(_))
        | (ParamType::Integer { .. }, Value::Number(_))
        | (
            ParamType::String | ParamType::Status | ParamType::FollowupStatus | ParamType::OneOf(_),
            Value::String(_),
        ) => true,
        // Blank means absent. An invalid number in a query is refused by its reader.
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
            | ParamType::FollowupStatus
            | ParamType::OneOf(_),
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

/// A field that is ignored.
enum IgnoredParam<'a> {
    /// The call has no parameter of that name.
    Unknown(String),
    /// The value has another type, given in words.
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

/// An unknown name, truncated and without control characters.
fn shown(name: &str) -> String {
    let name: String = name.chars().take(NAME_LENGTH).collect();
    format!("{name:?}")
}
