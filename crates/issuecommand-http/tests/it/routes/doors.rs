//! Authentication, and unknown paths.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BEARER, Plan, World};

fn unauthorized() -> Value {
    json!({ "ok": false, "error": "unauthorized", "message": "This needs a key that is good here: Authorization: Bearer <API_KEY>, or a named key. Nothing was done." })
}

fn not_found() -> Value {
    json!({ "ok": false, "error": "not_found", "message": "There is nothing at this path, or not by this method. Nothing was done." })
}

#[tokio::test]
async fn the_key_is_checked_first() {
    let world = World::new().await;
    let doors = [
        ("GET", "/sse"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/repos"),
        ("POST", "/api/next"),
        ("GET", "/api/no/such/path"),
        ("PUT", "/api/claims"),
        ("OPTIONS", "/api/claims"),
        ("DELETE", "/api/claims/x"),
        ("GET", "/api/issues/a/b/not-a-number"),
        ("GET", "/api/followups"),
        ("PATCH", "/api/followups/x"),
        ("POST", "/api/webhooks/github/"),
        ("POST", "/api/webhooks%2Fgithub"),
    ];
    let wrong: [&[(&str, &str)]; 5] = [
        &[],
        &[("Authorization", "Bearer wrong")],
        &[("Authorization", "the-key")],
        &[("Authorization", "Basic the-key")],
        &[("X-Api-Key", "the-key")],
    ];
    for (method, path) in doors {
        for headers in wrong {
            let reply = world
                .send_bytes(method, path, headers, b"not even JSON")
                .await;
            assert_eq!(
                (reply.status, reply.json_without_id()),
                (401, unauthorized()),
                "{method} {path} {headers:?}"
            );
        }
    }
    assert_eq!(world.get("/api/repos").await.status, 200);
    assert_eq!(
        world
            .send_bytes(
                "GET",
                "/api/repos",
                &[("authorization", "bearer the-key")],
                b""
            )
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_blank_configured_key_rejects_every_request() {
    let mut plan = Plan::default();
    plan.settings.api_key = "  ".into();
    let world = World::with(plan).await;
    for value in ["Bearer", "Bearer ", "Bearer  x"] {
        assert_eq!(
            world
                .send_bytes("GET", "/api/repos", &[("Authorization", value)], b"")
                .await
                .status,
            401
        );
    }
    assert_eq!(
        world.send_bytes("GET", "/healthz", &[], b"").await.status,
        200
    );
}

#[tokio::test]
async fn unknown_paths_are_404_before_other_errors() {
    let world = World::new().await;
    let nowhere = [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/nothing"),
        ("GET", "/api/repos/"),
        ("GET", "/api/repos/acme"),
        ("POST", "/healthz"),
        ("POST", "/sse"),
        ("POST", "/api/repos"),
        ("PUT", "/api/claims"),
        ("PATCH", "/api/claims"),
        ("GET", "/api/next"),
        ("GET", "/api/claims/x"),
        ("POST", "/api/claims/x"),
        ("DELETE", "/api/claims/%20"),
        ("DELETE", "/api/claims/%ff"),
        ("OPTIONS", "/api/claims"),
        ("HEAD", "/api/next"),
        ("BREW", "/api/next"),
        ("POST", "/api/my-work"),
        ("POST", "/api/followups"),
        ("GET", "/api/followups/x"),
        ("PATCH", "/api/followups"),
        ("PATCH", "/api/followups/%20"),
        ("GET", "/api/webhooks/github"),
        ("POST", "/api/webhooks/github/"),
        ("POST", "/api/webhooks"),
    ];
    for (method, path) in nowhere {
        let reply = world
            .send_bytes(
                method,
                path,
                &[BEARER, ("Content-Type", "text/plain")],
                b"{",
            )
            .await;
        assert_eq!(reply.status, 404, "{method} {path}");
        if method != "HEAD" {
            assert_eq!(reply.json_without_id(), not_found(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn malformed_path_segments_are_404() {
    let world = World::new().await;
    let numbers = [
        "0",
        "-1",
        "+1",
        "1.0",
        "x",
        "%31x",
        "2147483648",
        "99999999999999999999",
        "1%00",
        "%20",
    ];
    for number in numbers {
        let reply = world.get(&format!("/api/issues/acme/api/{number}")).await;
        assert_eq!(
            (reply.status, reply.json_without_id()),
            (404, not_found()),
            "{number}"
        );
    }
    for repo in [
        "../api",
        "acme/..",
        "%2e%2e/api",
        "acme/%2E%2E",
        "acme%2Fapi/x",
        "a%20b/c",
        "acme/a%00",
        "%ff/api",
    ] {
        let issues = world.get(&format!("/api/repos/{repo}/issues")).await;
        assert_eq!(
            (issues.status, issues.json_without_id()),
            (404, not_found()),
            "{repo}"
        );
        assert_eq!(
            world.get(&format!("/api/issues/{repo}/1")).await.status,
            404,
            "{repo}"
        );
    }
    let spelled = world.get("/api/issues/%41cme/a%70i/%33").await;
    assert_snapshot!(spelled.members("issue.number"), @"200 issue.number=3");
}

#[tokio::test]
async fn every_response_has_a_request_id() {
    let world = World::new().await;
    let reply = world.send_bytes("GET", "/api/nothing", &[], b"").await;
    assert!(
        reply
            .header("x-request-id")
            .is_some_and(|id| id.len() == 36)
    );
    let reply = world
        .send_bytes("GET", "/healthz", &[("X-Request-Id", "mine")], b"")
        .await;
    assert_eq!(reply.header("x-request-id"), Some("mine"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}
