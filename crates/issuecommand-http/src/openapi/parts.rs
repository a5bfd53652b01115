//! What many operations have in common: headers, and the answers to what cannot be done.

use serde_json::{Value, json};

/// The answers besides success, by status.
const FAILURES: [(&str, &str); 9] = [
    (
        "400",
        "request_failed: a wrong or missing field, bad JSON; nothing was done",
    ),
    ("401", "unauthorized: no key, or none that is good here"),
    (
        "403",
        "repo_not_allowed, agent_not_allowed, read_only_key: the key may not do that",
    ),
    (
        "404",
        "not_found: nothing is at this path; issue_not_found: GitHub shows no such issue or repository",
    ),
    ("408", "request_timeout: the body did not come in time"),
    ("413", "payload_too_large: the body is too large"),
    (
        "429",
        "rate_limited: scope says by which limit; Retry-After says when to come back",
    ),
    (
        "500",
        "internal_error: a fault of IssueCommand; request_id is under what the log tells more",
    ),
    (
        "503",
        "github_unavailable, store_busy, store_unavailable, overloaded, outcome_unknown, not_started: come back after Retry-After; of \
         outcome_unknown look first at what was done",
    ),
];

/// The header that makes a change repeatable.
pub(super) const KEY: &str = "idempotency_key";

/// Headers of requests.
pub(super) fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "a text of your own, 1 to 200 bytes: a repeated request with the same key gets the first answer again",
            "schema": { "type": "string", "maxLength": 200 },
        },
        "SessionId": {
            "name": "X-Session-Id",
            "in": "header",
            "description": "the session that calls, where several of one agent_id are at work",
            "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" },
        },
    })
}

/// Answers to what cannot be done.
pub(super) fn responses() -> Value {
    let mut all = json!({});
    for (status, about) in FAILURES {
        all[name(status)] = answer(about, &json!({ "$ref": FAILURE }));
    }
    for (name, about) in [("Refused", REFUSED), ("NotFound", NOT_FOUND)] {
        let either = json!({ "anyOf": [{ "$ref": REFUSAL }, { "$ref": FAILURE }] });
        all[name] = answer(about, &either);
    }
    all["HeadTooLarge"] =
        json!({ "description": "path, query and headers are too long; there is no body" });
    all
}

const FAILURE: &str = "#/components/schemas/FailureRecord";
const REFUSAL: &str = "#/components/schemas/RefusalRecord";
const REFUSED: &str = "a refusal: reason and message say why, and what to do; nothing was changed";
const NOT_FOUND: &str = "claim_not_found or not_found: no active claim or follow-up has this id; or not_found, issue_not_found: nothing \
    is at this path, or GitHub shows no such issue";

fn name(status: &str) -> String {
    format!("Failure{status}")
}

/// An answer in JSON.
pub(super) fn answer(about: &str, schema: &Value) -> Value {
    json!({ "description": about, "content": { "application/json": { "schema": schema } } })
}

/// The failure of this status.
pub(super) fn failure(status: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(status)) })
}

/// The head of the request is refused before it is read.
pub(super) fn head_too_large() -> Value {
    json!({ "$ref": "#/components/responses/HeadTooLarge" })
}

/// A refusal.
pub(super) fn refused() -> Value {
    json!({ "$ref": "#/components/responses/Refused" })
}

/// A refusal that nothing has that id, or a failure.
pub(super) fn not_found() -> Value {
    json!({ "$ref": "#/components/responses/NotFound" })
}
