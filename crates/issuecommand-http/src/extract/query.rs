//! Query strings.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use issuecommand_wire::{Fields, WireNo};
use serde_json::{Map, Value};

use crate::reply::No;

/// The parameters of the query, all of them text; of a repeated one the first counts.
#[derive(Debug)]
pub(crate) struct Query(pub(crate) Fields);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = No;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, No> {
        let text = parts.uri.query().unwrap_or_default();
        match parse(text) {
            Some(map) => Ok(Self(map.into())),
            None => Err(WireNo::bad_request("The query is not UTF-8.").into()),
        }
    }
}

/// One parameter of the query, by its name.
pub(crate) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    match parse(uri.query()?)?.remove(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn parse(query: &str) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value)?;
        map.entry(decode(name)?).or_insert(Value::String(value));
    }
    Some(map)
}

/// Undoes `+` and `%XX`; a `%` with no two hex digits behind it stands for itself. `None` for what is no UTF-8.
fn decode(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|n| u8::try_from(n).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_browsers_write_them() {
        let map = parse("a=x+y&b=%C3%A4%2F&a=second&flag&=blank&c=100%&&d=%zz").unwrap();
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(
            text,
            r#"{"":"blank","a":"x y","b":"ä/","c":"100%","d":"%zz","flag":""}"#
        );
        assert_eq!(parse("a=%ff"), None);
    }
}
