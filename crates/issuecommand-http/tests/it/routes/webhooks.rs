//! `POST WEBHOOK_PATH`

use insta::assert_snapshot;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::ports::store::{FollowupFilter, Store};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{BEARER, HOOK, Plan, SECRET, World};
use issuecommand_testkit::http::{EventStream, Response, exchange, members};

/// GitHub's signature header for this body.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A delivery as GitHub sends it, signed.
async fn deliver(world: &World, event: &str, id: &str, body: &Value) -> Response {
    let body = body.to_string();
    let signed = signature(SECRET, body.as_bytes());
    let headers = [
        ("X-GitHub-Event", event),
        ("X-GitHub-Delivery", id),
        ("X-Hub-Signature-256", &signed),
        ("Content-Type", "application/json"),
    ];
    world
        .send_bytes("POST", HOOK, &headers, body.as_bytes())
        .await
}

/// All that a delivery could have changed.
async fn state(world: &World) -> String {
    let store = &world.store;
    let followups = store.followups(&FollowupFilter::default()).await.unwrap();
    let events = store.events_after(0, u32::MAX).await.unwrap();
    let health = store.health(&Scope::All).await.unwrap();
    format!(
        "{followups:?} {events:?} {health:?} {:?}",
        store.repos().await.unwrap()
    )
}

/// An event stream after `connected`.
async fn reader(world: &World) -> EventStream {
    let mut stream = world.sse("/sse", &[]).await;
    assert_eq!(stream.event().await.event, "connected");
    stream
}

#[tokio::test]
async fn a_delivery_without_valid_proof_is_rejected_and_not_stored() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let before = state(&world).await;
    let mut stream = reader(&world).await;
    let body = json!({ "id": 7, "body": "Why?" }).to_string();
    let good = signature(SECRET, body.as_bytes());
    let forged = signature(SECRET, b"another body");
    let strange = signature("another secret", body.as_bytes());
    let sha1 = "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59";
    let (invalid, missing) = ("invalid_signature", "missing_valid_signature_or_api_key");
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[], missing),
        (&[("Authorization", "Bearer wrong")], missing),
        (&[("Authorization", "the-key")], missing),
        (&[("X-Hub-Signature", sha1)], missing),
        (&[("X-Hub-Signature", &good)], missing),
        (&[("X-Hub-Signature-256", &forged)], invalid),
        (&[("X-Hub-Signature-256", &strange)], invalid),
        (&[("X-Hub-Signature-256", sha1)], invalid),
        (&[("X-Hub-Signature-256", "")], invalid),
        (
            &[
                ("X-Hub-Signature-256", &forged),
                ("Authorization", "Bearer wrong"),
            ],
            invalid,
        ),
    ];
    for (headers, reason) in cases {
        let all = [
            &[
                ("X-GitHub-Event", "issue_comment"),
                ("X-GitHub-Delivery", "d-1"),
            ],
            headers,
        ]
        .concat();
        let reply = world.send_bytes("POST", HOOK, &all, body.as_bytes()).await;
        let told = json!({ "ok": false, "error": "unauthorized_webhook", "reason": reason });
        assert_eq!(
            (reply.status, reply.json_without_id()),
            (401, told),
            "{headers:?}"
        );
        let heard = stream.event().await;
        assert_eq!(
            (heard.event.as_str(), &heard.id),
            ("webhook.rejected", &None)
        );
        assert_eq!(heard.data["type"], "webhook.rejected");
        assert_eq!(heard.data["details"], json!({ "reason": reason }));
        assert!(heard.data["timestamp"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(state(&world).await, before);

    // A later reader does not get it, but can resume from its id.
    world.send_bytes("POST", HOOK, &[], b"{}").await;
    let place = stream.event().await.data["event_id"]
        .as_str()
        .unwrap()
        .to_owned();
    world
        .send(
            "DELETE",
            &crate::world::path_of(&claim),
            json!({ "agent_id": "ada" }),
        )
        .await;
    let mut later = world.sse("/sse", &[("Last-Event-ID", &place)]).await;
    assert_eq!(later.event().await.event, "connected");
    assert_eq!(later.event().await.event, "claim.released");
    assert_eq!(stream.event().await.event, "claim.released");
}

#[tokio::test]
async fn a_malformed_delivery_is_rejected_and_not_stored() {
    let world = World::new().await;
    let before = state(&world).await;
    let mut stream = reader(&world).await;
    let deep = "[".repeat(100_000);
    let deep_object = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let form = "payload=%7B%22action%22%3A%22created%22%7D";
    let cases: [(&str, &[u8], &str); 12] = [
        ("", b"{}", "missing_x_github_event_header"),
        (" ", b"{}", "missing_x_github_event_header"),
        ("ping", b"null", "payload_must_be_an_object"),
        ("ping", b"[]", "payload_must_be_an_object"),
        ("ping", b"\"x\"", "payload_must_be_an_object"),
        ("ping", b"", "EOF while parsing"),
        ("ping", b"{", "EOF while parsing"),
        ("ping", b"{} x", "trailing characters"),
        ("ping", deep.as_bytes(), "recursion limit exceeded"),
        ("ping", deep_object.as_bytes(), "recursion limit exceeded"),
        ("ping", b"{\"a\":\"\xff\xfe\"}", "The body is not UTF-8."),
        ("ping", form.as_bytes(), "application/json"),
    ];
    for (event, body, words) in cases {
        let signed = signature(SECRET, body);
        let headers = [("X-GitHub-Event", event), ("X-Hub-Signature-256", &signed)];
        let reply = world.send_bytes("POST", HOOK, &headers, body).await;
        let told = reply.json_without_id();
        assert_eq!(
            reply.members("ok error"),
            r#"400 ok=false error="invalid_webhook_payload""#,
            "{words}"
        );
        assert!(
            told["reason"].as_str().unwrap().contains(words),
            "{told} {words}"
        );
        assert_eq!(
            stream.event().await.data["details"]["reason"],
            told["reason"]
        );
    }
    let headers = [BEARER];
    let reply = world.send_bytes("POST", HOOK, &headers, b"{}").await;
    assert_eq!(
        reply.json_without_id()["reason"],
        "missing_x_github_event_header"
    );
    assert_eq!(stream.event().await.event, "webhook.rejected");
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn the_body_size_is_checked_before_the_signature() {
    let world = World::new().await;
    let before = state(&world).await;
    let mut stream = reader(&world).await;
    let mut body = b"{\"body\":\"".to_vec();
    body.resize(3 * 1024 * 1024, b'x');
    let signed = signature(SECRET, &body);
    for headers in [
        [("X-Hub-Signature-256", signed.as_str()), ("X-A", "b")],
        [BEARER, ("X-A", "b")],
    ] {
        let reply = world.send_bytes("POST", HOOK, &headers, &body).await;
        assert_eq!(reply.members("error"), r#"413 error="payload_too_large""#);
        let heard = stream.event().await.data;
        assert_eq!(heard["details"], json!({ "reason": "payload_too_large" }));
    }
    let announced = format!(
        "POST {HOOK} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nX-Hub-Signature-256: {signed}\r\nContent-Length: 99999999999\r\n\r\n"
    );
    let reply = exchange(world.address, announced.as_bytes()).await;
    assert_eq!(reply.status, 413, "without waiting for it");
    assert_eq!(state(&world).await, before);
}

#[tokio::test]
async fn feedback_becomes_a_follow_up_once() {
    let world = World::new().await;
    let mut stream = reader(&world).await;
    let body = json!({ "id": 7, "body": "Why?" });
    let reply = deliver(&world, "issue_comment", "d-1", &body).await;
    let told = reply.json_without_id();
    let item = told["work_item_id"].clone();
    let expected = json!({
        "ok": true, "processed": true, "event_type": "issue_comment", "source_event_type": "pr_comment",
        "created": true, "idempotent": false, "work_item_id": item, "repo": "acme/api", "pr_number": 6,
    });
    assert_eq!((reply.status, &told), (202, &expected));

    let again = deliver(&world, "issue_comment", "d-1", &body).await;
    let duplicate = json!({ "ok": true, "duplicate": true, "delivery_id": "d-1" });
    assert_eq!((again.status, again.json_without_id()), (200, duplicate));
    let other = deliver(&world, "issue_comment", "d-2", &body)
        .await
        .json_without_id();
    assert_eq!(
        (
            &other["created"],
            &other["idempotent"],
            &other["work_item_id"]
        ),
        (&json!(false), &json!(true), &item)
    );

    let made = stream.event().await;
    assert_eq!(
        (made.event.as_str(), &made.data["work_item_id"]),
        ("followup.created", &item)
    );
    let received = stream.event().await;
    assert_eq!(received.event, "webhook.received");
    assert_eq!(received.data["pr_number"], 6);
    assert_eq!(
        received.data["details"],
        json!({
            "auth_method": "signature", "event_type": "issue_comment", "delivery_id": "d-1", "ok": true,
            "processed": true, "source_event_type": "pr_comment", "created": true, "idempotent": false,
            "work_item_id": item, "repo": "acme/api", "pr_number": 6,
        })
    );
    let all = world.get("/api/followups").await.json_without_id();
    assert_eq!(all["followups"].as_array().unwrap().len(), 1);
    assert_eq!(all["followups"][0]["source_delivery_id"], "d-1");
}

#[tokio::test]
async fn other_events_are_applied_or_ignored() {
    let world = World::new().await;
    for (event, id, body) in [
        ("issue_comment", "d-1", json!({ "id": 1 })),
        ("pull_request_review", "d-2", json!({ "id": 2 })),
    ] {
        assert_eq!(deliver(&world, event, id, &body).await.status, 202);
    }
    let cases = [
        (
            "pull_request",
            json!({ "event_type": "pull_request", "action": "synchronize", "resolved_followups": 1 }),
        ),
        (
            "ping",
            json!({ "event_type": "ping", "action": "pong", "resolved_followups": 0 }),
        ),
    ];
    for (event, mut expected) in cases {
        expected["ok"] = json!(true);
        expected["processed"] = json!(true);
        let reply = deliver(&world, event, event, &json!({})).await;
        assert_eq!((reply.status, reply.json_without_id()), (202, expected));
    }
    let reply = deliver(&world, "star", "d-5", &json!({})).await;
    let ignored = json!({ "ok": true, "ignored": true, "reason": "event star is not actionable" });
    assert_eq!((reply.status, reply.json_without_id()), (202, ignored));
    assert_eq!(deliver(&world, "star", "d-5", &json!({})).await.status, 200);
    assert_eq!(
        world.get("/api/followups").await.json_without_id(),
        json!({ "followups": [] })
    );
}

#[tokio::test]
async fn one_valid_proof_suffices() {
    let world = World::new().await;
    let body = b"{\"id\":1}";
    let event = ("X-GitHub-Event", "issue_comment");
    let bad = ("X-Hub-Signature-256", "sha256=00");
    let signed = signature(SECRET, body);
    let good = ("X-Hub-Signature-256", signed.as_str());
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[event, BEARER], "api_key"),
        (&[event, BEARER, bad], "api_key"),
        (&[event, BEARER, good], "signature"),
        (
            &[event, ("Authorization", "Bearer wrong"), good],
            "signature",
        ),
    ];
    for (headers, method) in cases {
        let mut stream = reader(&world).await;
        // Without a delivery id the same comment is still recorded once.
        let reply = world.send_bytes("POST", HOOK, headers, body).await;
        assert_eq!(reply.status, 202, "{headers:?} {reply:?}");
        let mut told = stream.event().await;
        while told.event != "webhook.received" {
            told = stream.event().await;
        }
        assert_eq!(told.data["details"]["auth_method"], method, "{headers:?}");
        assert_eq!(told.data["details"].get("delivery_id"), None);
    }
    let all = world.get("/api/followups").await.json_without_id();
    assert_eq!(all["followups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_secret_the_key_alone_opens() {
    for secret in [None, Some(""), Some("  ")] {
        let mut plan = Plan::default();
        plan.settings.webhooks.secret = secret.map(Into::into);
        let world = World::with(plan).await;
        for signer in ["", "  ", SECRET] {
            let signed = signature(signer, b"{}");
            let headers = [("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", &signed)];
            let reply = world.send_bytes("POST", HOOK, &headers, b"{}").await;
            assert_eq!(
                reply.members("reason"),
                r#"401 reason="missing_valid_signature_or_api_key""#
            );
        }
        let keyed = [("X-GitHub-Event", "ping"), BEARER];
        assert_eq!(
            world.send_bytes("POST", HOOK, &keyed, b"{}").await.status,
            202
        );
    }
}

#[tokio::test]
async fn the_webhook_path_is_configurable() {
    for path in ["/hooks/github", "/api/hooks"] {
        let mut plan = Plan::default();
        plan.settings.webhooks.path = path.to_owned();
        let world = World::with(plan).await;
        let signed = signature(SECRET, b"{}");
        let headers = [("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", &signed)];
        assert_eq!(
            world.send_bytes("POST", path, &headers, b"{}").await.status,
            202,
            "{path}"
        );
        for method in ["GET", "PUT", "DELETE"] {
            let reply = world.send_bytes(method, path, &headers, b"{}").await;
            let nothing = json!({ "ok": false, "error": "not_found", "message": "There is nothing at this path, or not by this method. Nothing was done." });
            assert_eq!(
                (reply.status, reply.json_without_id()),
                (404, nothing),
                "{method} {path}"
            );
        }
        let usual = world.send_bytes("POST", HOOK, &headers, b"{}").await;
        assert_eq!(usual.status, 401, "nothing is there but the guard of /api");
        assert_eq!(
            world
                .send_bytes("POST", HOOK, &[BEARER], b"{}")
                .await
                .status,
            404
        );
    }
}

#[tokio::test]
async fn webhooks_can_be_turned_off() {
    let mut plan = Plan::default();
    plan.settings.webhooks.enabled = false;
    let world = World::with(plan).await;
    let signed = signature(SECRET, b"{}");
    let headers = [("X-GitHub-Event", "ping"), ("X-Hub-Signature-256", &signed)];
    for headers in [&headers[..], &[BEARER, ("X-GitHub-Event", "ping")], &[]] {
        let reply = world.send_bytes("POST", HOOK, headers, b"{}").await;
        assert_eq!(
            (reply.status, reply.json_without_id()),
            (
                404,
                json!({ "ok": false, "error": "not_found", "message": "There is nothing at this path, or not by this method. Nothing was done." })
            )
        );
    }
    assert_eq!(world.store.last_event().await.unwrap(), 0);
}

#[tokio::test]
async fn a_delivery_that_cannot_be_applied_is_kept() {
    let world = World::new().await;
    let body = json!({ "id": 7, "body": "Why?" });
    world
        .faulty_store
        .fail(Some(StoreError::Corrupt("inner detail".to_owned())));
    let reply = deliver(&world, "issue_comment", "d-1", &body).await;
    let deferred = json!({ "ok": true, "processed": false, "reason": "deferred" });
    assert_eq!((reply.status, reply.json_without_id()), (202, deferred));
    let health = world.get("/api/health").await.json_without_id()["health"].clone();
    assert_snapshot!(members(&health, "deferred_deliveries open_followups"), @"deferred_deliveries=1 open_followups=0");

    for (error, word) in [
        (StoreError::Busy("inner detail".to_owned()), "store_busy"),
        (
            StoreError::Unavailable("inner detail".to_owned()),
            "store_unavailable",
        ),
    ] {
        world.faulty_store.fail(Some(error));
        let reply = deliver(&world, "issue_comment", "d-2", &body).await;
        let told = reply.json_without_id();
        assert_eq!((reply.status, &told["error"]), (503, &json!(word)));
        assert!(reply.header("retry-after").is_some());
        assert!(!told.to_string().contains("inner detail"), "{told}");
    }
    world.faulty_store.fail(None);
    let reply = deliver(&world, "issue_comment", "d-1", &body).await;
    assert_snapshot!(reply.members("created"), @"202 created=true");
    let health = world.get("/api/health").await.json_without_id()["health"].clone();
    assert_snapshot!(members(&health, "deferred_deliveries open_followups"), @"deferred_deliveries=0 open_followups=1");
}

#[tokio::test]
async fn a_delivery_that_needs_a_refetch_triggers_it_after_the_response() {
    let world = World::new().await;
    // GitHub does not answer yet; the delivery is answered anyway.
    let closed = world.github.gate.lock().await;
    let reply = deliver(&world, "installation", "d-1", &json!({})).await;
    assert_snapshot!(reply.members("action"), @r#"202 action="created""#);
    assert_eq!(world.store.repos().await.unwrap().len(), 0);
    drop(closed);
    let mut known = 0;
    for _ in 0..200 {
        known = world.store.repos().await.unwrap().len();
        if known > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(known, 2);
}

#[tokio::test]
async fn a_burst_with_duplicates_applies_each_delivery_once() {
    let world = Arc::new(World::new().await);
    let tasks: Vec<_> = (0..120)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move {
                let (id, body) = (
                    format!("d-{}", n % 40),
                    json!({ "id": n % 20, "pull": 100 + n % 10 }),
                );
                deliver(&world, "issue_comment", &id, &body).await.status
            })
        })
        .collect();
    let mut answers = [0, 0];
    for task in tasks {
        match task.await.unwrap() {
            202 => answers[0] += 1,
            200 => answers[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(answers, [40, 80], "each delivery is new once");
    let all = world.get("/api/followups").await.json_without_id();
    let all = all["followups"].as_array().unwrap();
    let sources: usize = all
        .iter()
        .map(|item| item["sources"].as_array().unwrap().len())
        .sum();
    assert_eq!((all.len(), sources), (10, 20), "each comment is taken once");
}

/// A text that was cut within an emoji. The signature covers the raw bytes.
#[tokio::test]
async fn a_delivery_with_a_lone_surrogate_is_applied() {
    let world = World::new().await;
    let body = br#"{"pull":6,"id":7,"body":"please rename \ud83d"}"#;
    let signed = signature(SECRET, body);
    let headers = [
        ("X-GitHub-Event", "issue_comment"),
        ("X-GitHub-Delivery", "d-cut"),
        ("X-Hub-Signature-256", &*signed),
    ];
    let reply = world.send_bytes("POST", HOOK, &headers, body).await;
    assert_eq!(reply.members("created"), "202 created=true", "{reply:?}");
    let items = world.get("/api/followups").await.json_without_id();
    let comments = items["followups"][0]["actionable_comments"].to_string();
    assert!(comments.contains("please rename \u{fffd}"), "{items}");
}
