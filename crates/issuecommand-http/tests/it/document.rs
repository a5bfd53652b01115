//! The document of the surface. That each answer of the other tests has its form is seen by their client.

use serde_json::Value;

use crate::world::{HOOK, World};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/http-api.md");

#[tokio::test]
async fn the_document_is_served_behind_the_key() {
    let world = World::new().await;
    let document = issuecommand_http::document(Some(HOOK));
    let json = world.get("/api/openapi.json").await;
    assert_eq!(json.json(), document);
    let page = world.get("/api/docs").await;
    assert_eq!(page.text(), issuecommand_http::page(&document));
    for path in ["/api/openapi.json", "/api/docs"] {
        assert_eq!(world.send_bytes("GET", path, &[], b"").await.status, 401);
    }
}

#[test]
fn the_page_needs_nothing_else() {
    let page = issuecommand_http::page(&issuecommand_http::document(Some(HOOK)));
    for word in ["<script", "src=", "href=", "url(", "@import", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("<h2 id=\"post--api-next-work\">POST /api/next-work</h2>"));
}

#[test]
fn docs_http_api_md_is_the_document() {
    let text = issuecommand_http::markdown(&issuecommand_http::document(Some(HOOK)));
    if std::env::var_os("ISSUECOMMAND_WRITE_DOCS").is_some() {
        std::fs::write(DOCS, &text).unwrap();
    }
    let written = std::fs::read_to_string(DOCS).unwrap_or_default();
    assert!(
        written == text,
        "write docs/http-api.md anew: ISSUECOMMAND_WRITE_DOCS=1 cargo test -p issuecommand-http --test it document"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = issuecommand_http::document(Some(HOOK));
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for place in found {
        let pointer = place.strip_prefix('#').expect("a place in the document");
        assert!(document.pointer(pointer).is_some(), "{place}");
    }
}
