//! Invalid input is answered with 400 or 413, and changes nothing.

use insta::assert_snapshot;
use std::time::{Duration, Instant};

use issuecommand_core::ports::store::Store;
use serde_json::{Value, json};

use crate::world::{BEARER, Plan, World, path_of};
use issuecommand_testkit::http::{exchange, request};

/// All that a caller could have changed.
async fn state(world: &World) -> String {
    let store = &world.store;
    let claims = store
        .claims(&issuecommand_core::ports::store::ClaimFilter::default())
        .await
        .unwrap();
    format!(
        "{claims:?} {:?}",
        store.events_after(0, u32::MAX).await.unwrap()
    )
}

#[tokio::test]
async fn bodies_that_are_not_objects_are_rejected() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let before = state(&world).await;
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 15] = [
        b"",
        b" \n",
        b"null",
        b"true",
        b"7",
        b"\"agent_id\"",
        b"[]",
        b"[{\"agent_id\":\"ada\"}]",
        b"{",
        b"{\"agent_id\":\"ada\"",
        b"{'agent_id':'ada'}",
        b"agent_id=ada",
        b"{\"agent_id\":\"\xff\xfe\"}",
        b"{\"agent_id\":\"ada\"} trailing",
        deep.as_bytes(),
    ];
    let path = path_of(&claim);
    for (method, path) in [
        ("PATCH", "/api/followups/x"),
        ("POST", "/api/claims"),
        ("POST", "/api/next"),
        ("POST", "/api/next-work"),
        ("PATCH", &path),
        ("DELETE", &path),
    ] {
        for body in bodies {
            let reply = world.send_bytes(method, path, &[BEARER], body).await;
            let told = reply.json_without_id();
            assert_eq!(
                reply.members("ok error"),
                r#"400 ok=false error="request_failed""#,
                "{method} {path} {told}"
            );
            assert!(!told["message"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn missing_and_invalid_fields_are_rejected() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let before = state(&world).await;
    let path = path_of(&claim);
    let good = json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": 2, "status": "in_progress" });
    let texts = [
        json!(null),
        json!(""),
        json!("  "),
        json!(7),
        json!(true),
        json!([]),
        json!({}),
        json!("x".repeat(201)),
    ];
    let numbers = [
        json!(null),
        json!("2"),
        json!(0),
        json!(-2),
        json!(2.5),
        json!(9_999_999_999_i64),
        json!(1e300),
    ];
    let repos = [
        json!("acme"),
        json!("acme/"),
        json!("../api"),
        json!("a/b/c"),
    ];
    let statuses = [json!("done"), json!("CLAIMED"), json!(["claimed"])];
    let table: [(&str, &str, &str, Vec<&Value>); 7] = [
        ("POST", "/api/claims", "agent_id", texts.iter().collect()),
        (
            "POST",
            "/api/claims",
            "repo",
            texts.iter().chain(&repos).collect(),
        ),
        (
            "POST",
            "/api/claims",
            "issue_number",
            numbers.iter().collect(),
        ),
        ("POST", "/api/next", "agent_id", texts.iter().collect()),
        ("POST", "/api/next-work", "repo", repos.iter().collect()),
        ("DELETE", &path, "agent_id", texts.iter().collect()),
        (
            "PATCH",
            &path,
            "status",
            texts.iter().chain(&statuses).collect(),
        ),
    ];
    for (method, path, field, values) in table {
        for value in values {
            let mut input = good.clone();
            input[field] = value.clone();
            let reply = world.send(method, path, input).await;
            let told = reply.json_without_id();
            assert_eq!(
                reply.members("error"),
                r#"400 error="request_failed""#,
                "{method} {path} {field} {value}"
            );
            assert!(
                told["message"].as_str().unwrap().starts_with(field),
                "{told}"
            );
        }
    }
    assert_eq!(state(&world).await, before);
    let reply = world.send("POST", "/api/claims", good).await;
    assert_eq!(
        reply.status, 200,
        "the field that was not changed was good: {reply:?}"
    );
}

#[tokio::test]
async fn the_content_type_is_ignored() {
    let world = World::new().await;
    for (agent, number, kind) in [
        ("a", 1, "text/plain"),
        ("b", 2, "application/xml"),
        ("c", 3, ""),
    ] {
        let body = format!(
            "\u{feff}{{\"agent_id\":\"{agent}\",\"repo\":\"acme/api\",\"issue_number\":{number},\"extra\":null}}"
        );
        let reply = world
            .send_bytes(
                "POST",
                "/api/claims",
                &[BEARER, ("Content-Type", kind)],
                body.as_bytes(),
            )
            .await;
        assert_eq!(reply.status, 200, "{kind}: {reply:?}");
    }
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_rejected() {
    let world = World::new().await;
    let before = state(&world).await;
    let mut body = b"{\"agent_id\":\"".to_vec();
    body.resize(10 * 1024 * 1024, b'x');
    let sized = request("POST", "/api/next", &[BEARER], &body);
    let mut chunked = b"POST /api/next HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer the-key\r\n\
        Transfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for chunk in body.chunks(1 << 16) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    for bytes in [sized, chunked] {
        let reply = exchange(world.address, &bytes).await;
        let told = reply.json_without_id();
        assert_eq!(
            reply.members("ok error"),
            r#"413 ok=false error="payload_too_large""#
        );
        assert!(told["message"].as_str().unwrap().contains("1048576"));
    }
    assert_eq!(state(&world).await, before);
    let announced = b"POST /api/next HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer the-key\r\n\
        Content-Length: 99999999999\r\n\r\n";
    assert_eq!(
        exchange(world.address, announced).await.status,
        413,
        "without waiting for it"
    );
}

#[tokio::test]
async fn a_body_that_never_arrives_times_out() {
    let mut plan = Plan::default();
    plan.settings.body_timeout = Duration::from_millis(100);
    let world = World::with(plan).await;
    let head = b"POST /api/next HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer the-key\r\n\
        Content-Length: 20\r\n\r\n{\"agent";
    let begun = Instant::now();
    let reply = exchange(world.address, head).await;
    assert_snapshot!(reply.members("error"), @r#"408 error="request_timeout""#);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
