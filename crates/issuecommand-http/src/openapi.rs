//! The OpenAPI document of this surface, made of the table of routes and of the schemas of calls. So it cannot name another
//! parameter or another field than what is read and written.

mod links;
mod operation;
mod page;
mod parts;

use issuecommand_wire::error::{FailureRecord, RefusalRecord};
use issuecommand_wire::record::{EventRecord, WebhookReply};
use issuecommand_wire::schema::Components;
use serde_json::{Map, Value, json};

use self::operation::{operation, webhook};
pub use self::page::{markdown, page};
use crate::routes::table::ROUTES;

const ABOUT: &str = "What agents, people and scripts call. Every path under /api and /sse asks for a key: Authorization: Bearer <key>. \
    Text is trimmed. An optional field that is null, blank or of another type than it should be counts as absent, and unknown \
    fields are ignored; the answer's warnings name them. The Content-Type of a request is not looked at. Every answer carries \
    X-Request-Id. ok: false with a reason is a refusal, which is an answer like any other and changed nothing; ok: false with an \
    error is a failure. The header Idempotency-Key makes a change repeatable: the same key with the same request gets the first \
    answer again for 24 hours, and with another request it is refused. It is for one caller: keys of other callers are others.";

/// The document. `webhook_path` is where GitHub's deliveries are taken, if they are.
pub fn document(webhook_path: Option<&str>) -> Value {
    let mut components = Components::default();
    let mut paths = Map::new();
    for route in ROUTES {
        let found = paths.entry(route.path).or_insert_with(|| json!({}));
        found[route.method] = operation(route, &mut components);
    }
    if let Some(path) = webhook_path {
        paths.insert(path.to_owned(), json!({ "post": webhook() }));
    }
    for schema in [
        components.of::<FailureRecord>(),
        components.of::<RefusalRecord>(),
        components.of::<EventRecord>(),
        components.of::<WebhookReply>(),
    ] {
        debug_assert!(schema.get("$ref").is_some(), "{schema}");
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "IssueCommand",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
        },
        // From the document's own address, so that a prefix of a proxy belongs to it.
        "servers": [{ "url": "../" }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "API_KEY, or a named key made by `issuecommand key create`",
                },
            },
            "parameters": parts::parameters(),
            "responses": parts::responses(),
            "schemas": components.into_definitions(),
        },
    })
}
