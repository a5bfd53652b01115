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

/// Clients resolve it against the address of the document, also behind a proxy that serves the routes below a prefix.
#[test]
fn the_server_is_found_from_the_documents_address() {
    let document = issuecommand_http::document(Some(HOOK));
    assert_eq!(document["servers"], serde_json::json!([{ "url": "../" }]));
    let path = "/api/openapi.json";
    assert!(document["paths"][path].is_object());
    assert_eq!(path.matches('/').count(), 2, "one folder below the root");
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

#[test]
fn every_link_leads_to_an_operation_that_takes_the_id() {
    let document = issuecommand_http::document(Some(HOOK));
    let paths = document["paths"].as_object().unwrap();
    let operations = || {
        paths
            .values()
            .flat_map(|path| path.as_object().unwrap().values())
    };
    let mut links = 0;
    for from in operations() {
        let Some(found) = from["responses"]["200"]["links"].as_object() else {
            continue;
        };
        for (name, link) in found {
            links += 1;
            let to = operations().find(|to| to["operationId"] == link["operationId"]);
            let to = to.unwrap_or_else(|| panic!("{name} of {}", from["operationId"]));
            let takes = to["parameters"].as_array().unwrap().iter();
            let takes: Vec<&Value> = takes.map(|parameter| &parameter["name"]).collect();
            let mut given = link["parameters"].as_object().unwrap().keys();
            assert!(
                given.all(|name| takes.contains(&&name.as_str().into())),
                "{link}"
            );
        }
    }
    // Three ways to go on with a claim, which four operations answer; two with a follow-up, which two do.
    assert_eq!(links, 3 * 4 + 2 * 2);
}

#[tokio::test]
async fn a_cursor_has_the_form_that_the_document_says() {
    let world = World::new().await;
    let page = world.get("/api/repos/acme/api/issues?limit=1").await.json();
    let cursor = &page["next_cursor"];
    assert!(cursor.is_string(), "{page}");
    let document = issuecommand_http::document(Some(HOOK));
    let parameters = &document["paths"]["/api/repos/{owner}/{repo}/issues"]["get"]["parameters"];
    let mut parameters = parameters.as_array().unwrap().iter();
    let schema = &parameters.find(|it| it["name"] == "cursor").unwrap()["schema"];
    let form = jsonschema::validator_for(schema).unwrap();
    assert!(form.is_valid(cursor), "{cursor} {schema}");
    assert!(!form.is_valid(&"0".into()), "{schema}");
}
