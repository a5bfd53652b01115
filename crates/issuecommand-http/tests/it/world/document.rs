//! Holds every answer of these tests against the document of the surface.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use issuecommand_testkit::http::Response;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::HOOK;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| issuecommand_http::document(Some(HOOK)));
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Panics unless the document has the answer's status, and its body has the form that the document says. A path or a method that
/// is in no document is not judged.
pub(super) fn check(method: &str, path: &str, reply: &Response) {
    let path = path.split('?').next().unwrap_or(path);
    // The document is that of a server that takes deliveries at the usual path.
    if path == HOOK && reply.status == 404 {
        return;
    }
    let method = method.to_lowercase();
    let Some((template, operation)) = operation(&method, path) else {
        return;
    };
    let place = format!("{method} {template} {}", reply.status);
    let answer = &operation["responses"][reply.status.to_string()];
    assert!(!answer.is_null(), "the document has no {place}: {reply:?}");
    let answer = match answer["$ref"].as_str() {
        Some(to) => DOCUMENT.pointer(to.trim_start_matches('#')).unwrap(),
        None => answer,
    };
    if answer.get("content").is_none() {
        assert!(
            reply.body.is_empty(),
            "the document has no body for {place}"
        );
        return;
    }
    let kind = reply.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let content = &answer["content"][kind];
    assert!(!content.is_null(), "the document has no {kind} for {place}");
    if content["schema"].is_null() {
        return;
    }
    let validator = validator(&place, &content["schema"]);
    let body = reply.json();
    if let Err(error) = validator.validate(&body) {
        panic!("{place}: {error} at {}: {body}", error.instance_path());
    }
}

/// The operation that a path belongs to: a template without names wins.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let document: &'static Value = &DOCUMENT;
    let paths = document["paths"].as_object()?;
    let mut found: Vec<_> = paths
        .iter()
        .filter(|(template, _)| fits(template, path))
        .collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    let (template, operations) = *found.first()?;
    Some((template.as_str(), operations.get(method)?))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(wanted, part)| wanted == part || wanted.starts_with('{') && !part.is_empty())
}

fn validator(place: &str, schema: &Value) -> Arc<Validator> {
    let mut all = VALIDATORS.lock().unwrap();
    let made = all.entry(place.to_owned()).or_insert_with(|| {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": DOCUMENT["components"],
            "allOf": [schema],
        });
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    });
    made.clone()
}
