//! Ignored input is named in warnings.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BEARER, World, path_of};

/// Checks the warnings of a response, each of which begins with its field.
fn warned(body: &Value, about: &[&str]) {
    let warnings = body["warnings"]
        .as_array()
        .unwrap_or_else(|| panic!("no warnings: {body}"));
    assert_eq!(warnings.len(), about.len(), "{body}");
    for (warning, about) in warnings.iter().zip(about) {
        assert!(warning.as_str().unwrap().starts_with(about), "{body}");
    }
}

#[tokio::test]
async fn a_field_that_is_ignored_is_named_with_the_one_that_was_meant() {
    let world = World::new().await;
    let body =
        json!({ "agent_id": "ada", "labels": "bug", "milestone": 7, "repository": "acme/web" });
    let reply = world.send("POST", "/api/next", body).await;
    let told = reply.json_without_id();
    assert_eq!(reply.members("ok"), "200 ok=true", "{told}");
    let about = [
        "milestone was ignored: it must be text, not a number",
        "\"labels\" was ignored: there is no such field here; did you mean label?",
        "\"repository\" was ignored: there is no such field here; did you mean repo?",
    ];
    let mut warnings: Vec<&str> = told["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning.as_str().unwrap())
        .collect();
    warnings.sort_unstable();
    assert_eq!(warnings.len(), 3);
    for about in about {
        assert!(
            warnings.iter().any(|warning| warning.starts_with(about)),
            "{warnings:?}"
        );
    }
    let body = json!({ "agent_id": "ada", "lable": "bug" });
    let told = world
        .send("POST", "/api/next-work", body)
        .await
        .json_without_id();
    warned(
        &told,
        &["\"lable\" was ignored: there is no such field here; did you mean label?"],
    );
}

#[tokio::test]
async fn refusals_and_failures_carry_warnings_too() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let body = json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 1, "label": "x" });
    let reply = world.send("POST", "/api/claims", body).await;
    assert_snapshot!(reply.members("reason"), @r#"409 reason="already_claimed""#);
    warned(&reply.json_without_id(), &["\"label\" was ignored"]);
    let reply = world
        .send("POST", "/api/next", json!({ "agent": "ada" }))
        .await;
    assert_snapshot!(reply.members("error"), @r#"400 error="request_failed""#);
    warned(
        &reply.json_without_id(),
        &["\"agent\" was ignored: there is no such field here; did you mean agent_id?"],
    );
    let body = json!({ "agent_id": "ada", "status": "in_progress", "comment": "on it" });
    let told = world
        .send("PATCH", &path_of(&claim), body)
        .await
        .json_without_id();
    warned(
        &told,
        &["\"comment\" was ignored: there is no such field here; did you mean note?"],
    );
    let body = json!({ "agent_id": "ada", "note": "too hard" });
    let told = world
        .send("DELETE", &path_of(&claim), body)
        .await
        .json_without_id();
    warned(
        &told,
        &["\"note\" was ignored: there is no such field here; did you mean reason?"],
    );
}

#[tokio::test]
async fn ignored_query_parameters_are_named_too() {
    let world = World::new().await;
    for (path, about) in [
        ("/api/claims?agent=ada", "\"agent\" was ignored"),
        (
            "/api/claims?agent_id=ada&agent_id=bob",
            "\"agent_id\" stands in the query more than once",
        ),
        (
            "/api/followups?state=queued",
            "\"state\" was ignored: there is no such field here; did you mean status?",
        ),
        (
            "/api/repos?include_counts=no",
            "include_counts was ignored: it must be true or false",
        ),
        (
            "/api/repos?counts=false",
            "\"counts\" was ignored: there is no such field here; did you mean include_counts?",
        ),
        (
            "/api/repos/acme/api/issues?labels=bug",
            "\"labels\" was ignored",
        ),
        (
            "/api/issues/acme/api/1?comments=false",
            "\"comments\" was ignored",
        ),
        ("/api/health?verbose=1", "\"verbose\" was ignored"),
        (
            "/api/my-work?agent_id=ada&repo=acme/api",
            "\"repo\" was ignored",
        ),
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        warned(&reply.json_without_id(), &[about]);
    }
    let body = json!({ "agent_id": "ada" });
    let told = world
        .send("POST", "/api/next?label=bug", body)
        .await
        .json_without_id();
    assert_eq!(told["ok"], true);
    warned(
        &told,
        &["\"label\" in the query was ignored: this request is read from its JSON body."],
    );
}

#[tokio::test]
async fn a_parameter_without_effect_on_the_result_gives_no_warning() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let path = path_of(&claim);
    for (method, path, body) in [
        (
            "POST",
            "/api/next",
            json!({ "agent_id": "ada", "repo": null, "label": "", "milestone": "  " }),
        ),
        (
            "POST",
            "/api/next",
            json!({ "agent_id": "ada", "idempotency_key": "k", "_meta": {} }),
        ),
        (
            "PATCH",
            &path,
            json!({ "agent_id": "ada", "status": "in_progress", "claim_id": claim["claim_id"], "idempotency_key": "k2" }),
        ),
        (
            "GET",
            "/api/claims?agent_id=&status=&repo=acme/api",
            Value::Null,
        ),
        ("GET", "/api/followups?pr_number=7", Value::Null),
        ("GET", "/api/repos?include_counts=false", Value::Null),
        ("GET", "/api/repos?include_counts=true", Value::Null),
        ("GET", "/api/health?", Value::Null),
    ] {
        let reply = world.send(method, path, body).await;
        assert_eq!(reply.status, 200, "{method} {path}: {reply:?}");
        assert_eq!(
            reply.json_without_id().get("warnings"),
            None,
            "{method} {path}"
        );
    }
}

/// A warning belongs to the request: it is not part of the remembered answer or of the request's digest.
#[tokio::test]
async fn a_repeated_request_has_its_own_warnings() {
    let world = World::new().await;
    let key = [BEARER, ("Idempotency-Key", "k1")];
    let mut claims = Vec::new();
    for (body, warns) in [
        (json!({ "agent_id": "ada" }), false),
        (json!({ "agent_id": "ada", "labels": "bug" }), true),
        (json!({ "agent_id": "ada", "label": ["bug"] }), true),
        (json!({ "agent_id": "ada" }), false),
    ] {
        let bytes = serde_json::to_vec(&body).unwrap();
        let mut told = world
            .send_bytes("POST", "/api/next", &key, &bytes)
            .await
            .json_without_id();
        let warnings = told.as_object_mut().unwrap().remove("warnings");
        assert_eq!(warnings.is_some(), warns, "{body}: {warnings:?}");
        claims.push(told);
    }
    claims.dedup();
    assert_eq!(claims.len(), 1, "the same answer each time: {claims:?}");
}

#[tokio::test]
async fn a_key_beside_the_one_in_the_header_is_named() {
    let world = World::new().await;
    let header = [BEARER, ("Idempotency-Key", "k1")];
    for (member, warns) in [("k1", false), (" k1 ", false), ("", false), ("k2", true)] {
        let body = json!({ "agent_id": "ada", "idempotency_key": member });
        let bytes = serde_json::to_vec(&body).unwrap();
        let reply = world.send_bytes("POST", "/api/next", &header, &bytes).await;
        let told = reply.json_without_id();
        assert_eq!(reply.status, 200, "the header's key holds: {told}");
        if warns {
            warned(&told, &["idempotency_key was ignored: the header"]);
        } else {
            assert_eq!(told.get("warnings"), None, "{told}");
        }
    }
}

#[tokio::test]
async fn warnings_name_a_bounded_number_of_unknown_fields() {
    let world = World::new().await;
    let mut body = json!({ "agent_id": "ada" });
    for n in 0..1000 {
        body[format!("x{n}{}", "y".repeat(200))] = json!(n);
    }
    let told = world
        .send("POST", "/api/next", body)
        .await
        .json_without_id();
    let warnings = told["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 11);
    assert_eq!(warnings[10], "990 more were ignored.");
    assert!(told["warnings"].to_string().len() < 4000);
}

#[tokio::test]
async fn half_a_surrogate_pair_in_a_body_is_a_replacement_character() {
    let world = World::new().await;
    let body = br#"{"agent_id":"ada\ud83d","repo":"acme/api","issue_number":1}"#;
    let reply = world
        .send_bytes("POST", "/api/claims", &[BEARER], body)
        .await;
    let told = reply.json_without_id();
    assert_eq!(reply.status, 200, "{told}");
    assert_eq!(told["claim"]["agent_id"], "ada\u{fffd}");
    assert_eq!(told.get("warnings"), None);
}
