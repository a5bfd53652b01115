//! Query strings.

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use issuecommand_wire::{ApiError, Params};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::ErrorResponse;

/// How many parameters that are not read are named in one answer.
const NAMED: usize = 10;

/// The parameters of the query, all of them text; of a repeated one the first counts, and the caller is told.
#[derive(Debug)]
pub(crate) struct Query(pub(crate) Params);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let text = parts.uri.query().unwrap_or_default();
        match fields(text) {
            Some(fields) => Ok(Self(fields)),
            None => Err(ApiError::bad_request("The query is not UTF-8.").into()),
        }
    }
}

/// The parameters of a query that no call has ever been refused for: one that is not UTF-8 has none.
pub(crate) fn lenient(uri: &Uri) -> Params {
    fields(uri.query().unwrap_or_default()).unwrap_or_default()
}

/// Warnings on the query of a request that is read from its body: a filter put there narrows nothing.
pub(crate) fn ignored_parameters(uri: &Uri) -> Vec<String> {
    let names = uri.query().and_then(parse).unwrap_or_default();
    names
        .into_iter()
        .take(NAMED)
        .map(|(name, _)| {
            let name = quoted(&name);
            format!("{name} in the query was ignored: this request is read from its JSON body.")
        })
        .collect()
}

fn fields(query: &str) -> Option<Params> {
    let (map, repeated) = pairs(query)?;
    let notes = repeated.into_iter().take(NAMED).map(|name| {
        let name = quoted(&name);
        format!("{name} stands in the query more than once; the first counts.")
    });
    Some(Params::from(map).with_notes(notes))
}

fn quoted(name: &str) -> String {
    let name: String = name.chars().take(64).collect();
    format!("{name:?}")
}

fn parse(query: &str) -> Option<Map<String, Value>> {
    pairs(query).map(|(map, _)| map)
}

/// The parameters, and the names of those that are there with two different values.
fn pairs(query: &str) -> Option<(Map<String, Value>, BTreeSet<String>)> {
    let (mut map, mut repeated) = (Map::new(), BTreeSet::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, Value::String(decode(value)?));
        match map.get(&name) {
            None => {
                map.insert(name, value);
            }
            Some(first) if *first == value => {}
            Some(_) => {
                repeated.insert(name);
            }
        }
    }
    Some((map, repeated))
}

/// Undoes `+` and `%XX`; a `%` without two hex digits behind it stands for itself. `None` for what is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.ok().map(Cow::into_owned)
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

    #[test]
    fn a_repeated_query_parameter_is_named_once() {
        let (_, repeated) = pairs("a=1&a=1&b=1&b=2&b=3&c=1").unwrap();
        assert_eq!(repeated.into_iter().collect::<Vec<_>>(), ["b"]);
    }
}
