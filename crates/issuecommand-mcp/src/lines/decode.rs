//! A line as a message, or the words on why it is none.

use std::fmt;

use issuecommand_wire::json::mend_surrogates;
use rmcp::model::{ClientJsonRpcMessage, ErrorCode};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::id::{Finder, Id};

/// Notifications that mean something here. All others are dropped: nobody waits for an answer to one.
const NOTIFICATIONS: [&str; 4] = [
    "notifications/cancelled",
    "notifications/initialized",
    "notifications/progress",
    "notifications/roots/list_changed",
];

/// How many requests of a batch are refused by their own ids.
const BATCH: usize = 100;

/// What errors call the bytes that should be a message.
pub(crate) struct Wording {
    /// As the subject of a sentence.
    whole: &'static str,
    /// Where each message stands.
    alone: &'static str,
}

pub(super) const LINE: Wording = Wording {
    whole: "The line",
    alone: "on a line of its own",
};
pub(crate) const BODY: Wording = Wording {
    whole: "The body",
    alone: "in a request of its own",
};

/// A line as it was understood.
pub(crate) enum Decoded {
    Message(Box<ClientJsonRpcMessage>),
    /// It asks for nothing.
    Nothing,
    /// The lines that answer it.
    Refused(Vec<String>),
}

/// Reads a line, or the body of a request.
pub(crate) fn decode(line: &[u8], wording: &Wording) -> Decoded {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let line = line.trim_ascii();
    if line.is_empty() {
        return Decoded::Nothing;
    }
    if let Ok(message) = serde_json::from_slice(line) {
        return Decoded::Message(Box::new(message));
    }
    let mended = mend_surrogates(line);
    if let Ok(message) = serde_json::from_slice(&mended) {
        return Decoded::Message(Box::new(message));
    }
    if let Err(words) = sound(&mended, wording) {
        let mut finder = Finder::default();
        finder.feed(line);
        let id = finder.found().or_else(|| Id::out_of_place(line));
        return Decoded::Refused(vec![refusal(ErrorCode::PARSE_ERROR, &words, id.as_ref())]);
    }
    match serde_json::from_slice(&mended) {
        Ok(Value::Array(messages)) => Decoded::Refused(batch(&messages, wording)),
        Ok(value) if is_nothing(&value) => Decoded::Nothing,
        Ok(value) => {
            let mut finder = Finder::default();
            finder.feed(&mended);
            let id = finder.found();
            let words = misshapen(&value);
            Decoded::Refused(vec![refusal(
                ErrorCode::INVALID_REQUEST,
                words,
                id.as_ref(),
            )])
        }
        // `sound` has read the same bytes.
        Err(_) => Decoded::Nothing,
    }
}

/// The answer to a line over the limit.
pub(super) fn too_long(limit: usize, id: Option<&Id>) -> String {
    let words = format!("The line is longer than {limit} bytes and was passed over.");
    refusal(ErrorCode::INVALID_REQUEST, &words, id)
}

fn refusal(code: ErrorCode, words: &str, id: Option<&Id>) -> String {
    tracing::debug!(name: "mcp.bad_line", code = code.0, words, "a line that is no message");
    let error = json!({ "code": code.0, "message": words });
    let id = id.map_or_else(|| "null".to_owned(), Id::to_string);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// Whether it is JSON that can be read, and in which words it is not.
fn sound(line: &[u8], wording: &Wording) -> Result<(), String> {
    let Wording { whole, alone } = wording;
    if let Err(error) = std::str::from_utf8(line) {
        let at = error.valid_up_to() + 1;
        return Err(format!("{whole} is not UTF-8: see byte {at}."));
    }
    let Err(error) = serde_json::from_slice::<Sound>(line) else {
        return Ok(());
    };
    let words = error.to_string();
    if words.starts_with("recursion limit") {
        return Err(format!(
            "{whole} is nested too deeply: at most 127 brackets may be open."
        ));
    }
    // A body may be of several lines.
    let above = line.split_inclusive(|byte| *byte == b'\n');
    let above = above.take(error.line().saturating_sub(1));
    let place = above.map(<[u8]>::len).sum::<usize>() + error.column();
    let around = &line[place.saturating_sub(4).min(line.len())..(place + 8).min(line.len())];
    let around = String::from_utf8_lossy(around);
    let hint = if around.contains("NaN") || around.contains("Infinity") {
        " JSON has no NaN and no Infinity."
    } else {
        ""
    };
    Err(format!(
        "{whole} is not valid JSON: {words}.{hint} A message is a JSON object {alone}."
    ))
}

/// Whether this is a notification that is not handled here.
fn is_nothing(value: &Value) -> bool {
    let method = value.get("method").and_then(Value::as_str);
    value.get("id").is_none()
        && value.get("jsonrpc").and_then(Value::as_str) == Some("2.0")
        && method.is_some_and(|method| !NOTIFICATIONS.contains(&method))
}

fn batch(messages: &[Value], Wording { alone, .. }: &Wording) -> Vec<String> {
    let words = format!("Batches are not taken: send each message as a JSON object {alone}.");
    let refused = |id: Option<&Id>| refusal(ErrorCode::INVALID_REQUEST, &words, id);
    let ids = messages.iter().filter_map(Id::of).take(BATCH);
    let lines: Vec<String> = ids.map(|id| refused(Some(&id))).collect();
    if lines.is_empty() {
        vec![refused(None)]
    } else {
        lines
    }
}

/// The error for JSON that is no message.
fn misshapen(value: &Value) -> &'static str {
    let Value::Object(members) = value else {
        return "A message must be a JSON object.";
    };
    let is_text = |name: &str| members.get(name).is_some_and(Value::is_string);
    if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        "jsonrpc must be \"2.0\"."
    } else if !members.contains_key("method") {
        "A request needs a method."
    } else if !is_text("method") {
        "method must be text."
    } else if members.contains_key("result") || members.contains_key("error") {
        "A request has neither result nor error."
    } else if members
        .get("id")
        .is_some_and(|id| !id.is_string() && !id.is_i64())
    {
        "id must be text or a whole number of 64 bits."
    } else {
        "The message has not the form that the protocol gives to its method."
    }
}

/// Any JSON that can be read; nothing of it is kept.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SoundVisitor)
    }
}

struct SoundVisitor;

impl<'de> Visitor<'de> for SoundVisitor {
    type Value = Sound;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E>(self, _: &str) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Sound, A::Error> {
        while items.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Sound, A::Error> {
        while members.next_entry::<Sound, Sound>()?.is_some() {}
        Ok(Sound)
    }
}
