//! The rate limits over the wire. Those of mutations use a test clock, those by address the machine's, with refills slow enough
//! for any test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use issuecommand_http::{LimitClock, Rate, RateLimits};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::world::{BEARER, HOOK, Plan, SECRET, World};
use issuecommand_testkit::http::Response;

const PLENTY: Rate = Rate {
    per_minute: 60_000,
    burst: 10_000,
};

/// A world whose limits refill by this clock, in seconds.
struct Limited {
    world: World,
    seconds: Arc<AtomicU64>,
}

impl Limited {
    async fn with(change: impl FnOnce(&mut RateLimits)) -> Self {
        let seconds = Arc::new(AtomicU64::new(0));
        let hand = seconds.clone();
        let mut limits = RateLimits {
            trust_proxy: false,
            ip: PLENTY,
            agent_mutation: PLENTY,
            sse_connect: PLENTY,
            clock: LimitClock::new(move || Duration::from_secs(hand.load(Ordering::Relaxed))),
        };
        change(&mut limits);
        let mut plan = Plan::default();
        plan.settings.limits = Some(limits);
        let world = World::with(plan).await;
        Self { world, seconds }
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn rate(per_minute: u32, burst: u32) -> Rate {
    Rate { per_minute, burst }
}

/// Asserts the contract's refusal of this scope, and returns its `Retry-After` in seconds.
fn refused(reply: &Response, scope: &str) -> u64 {
    assert_eq!(reply.status, 429, "{reply:?}");
    let mut body = reply.json_without_id();
    let wait = body["retry_after_seconds"].as_u64().unwrap();
    assert!(body["message"].take().is_string());
    assert_eq!(
        body,
        json!({
            "ok": false, "error": "rate_limited", "scope": scope, "message": null,
            "retry_after_seconds": wait, "remaining_tokens": 0,
        })
    );
    assert_eq!(reply.header("retry-after"), Some(wait.to_string().as_str()));
    wait
}

#[tokio::test]
async fn the_address_limit_covers_every_path_under_api() {
    let limited = Limited::with(|limits| limits.ip = rate(20, 4)).await;
    let world = &limited.world;
    for (path, status) in [
        ("/api/repos", 200),
        ("/api/nothing", 404),
        ("/api/issues/acme/api/3", 200),
        ("/api", 404),
    ] {
        assert_eq!(world.get(path).await.status, status, "{path}");
    }
    let wait = refused(&world.get("/api/repos").await, "ip");
    assert!((1..=3).contains(&wait), "{wait}");
    refused(&world.get("/api/nothing").await, "ip");
    assert_eq!(
        world.get("/healthz").await.status,
        200,
        "nobody counts that"
    );
    world.sse("/sse", &[]).await;
    sleep(Duration::from_secs(wait)).await;
    assert_eq!(world.get("/api/repos").await.status, 200);
    refused(&world.get("/api/repos").await, "ip");
}

#[tokio::test]
async fn the_key_is_checked_before_any_limit() {
    let limited = Limited::with(|limits| limits.ip = rate(6, 1)).await;
    let world = &limited.world;
    for _ in 0..5 {
        let reply = world.send_bytes("GET", "/api/repos", &[], b"").await;
        assert_eq!(reply.status, 401);
    }
    assert_eq!(
        world.get("/api/repos").await.status,
        200,
        "strangers cost nothing"
    );
    refused(&world.get("/api/repos").await, "ip");
    let reply = world.send_bytes("GET", "/api/repos", &[], b"").await;
    assert_eq!(reply.status, 401, "and learn nothing");
}

#[tokio::test]
async fn mutations_are_limited_and_reads_are_not() {
    let limited = Limited::with(|limits| limits.agent_mutation = rate(40, 7)).await;
    let world = &limited.world;
    let claim = world.claim("ada", 1).await;
    let path = crate::world::path_of(&claim);
    let changes: [(&str, &str, Value); 6] = [
        ("POST", "/api/next", json!({ "agent_id": "bob" })),
        ("POST", "/api/next-work", json!({ "agent_id": "eve" })),
        (
            "PATCH",
            &path,
            json!({ "agent_id": "ada", "status": "in_progress" }),
        ),
        ("DELETE", &path, json!({ "agent_id": "ada" })),
        (
            "PATCH",
            "/api/followups/x",
            json!({ "agent_id": "ada", "status": "done" }),
        ),
        ("POST", "/api/next", json!({ "agent_id": 7 })),
    ];
    for (method, path, body) in &changes {
        assert_ne!(
            world.send(method, path, body.clone()).await.status,
            429,
            "{method} {path}"
        );
    }
    let before = world.get("/api/claims").await.json_without_id();
    for (method, path, body) in &changes {
        let reply = world.send(method, path, body.clone()).await;
        assert_eq!(refused(&reply, "agent_mutation"), 2, "{method} {path}");
    }
    for path in [
        "/api/claims",
        "/api/my-work?agent_id=ada",
        "/api/followups",
        "/api/health",
    ] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
    assert_eq!(
        world.get("/api/claims").await.json_without_id(),
        before,
        "a no changes nothing"
    );
    limited.pass(2);
    let next = world
        .send("POST", "/api/next", json!({ "agent_id": "new" }))
        .await;
    assert_eq!(next.status, 200);
    let next = world
        .send("POST", "/api/next", json!({ "agent_id": "newer" }))
        .await;
    refused(&next, "agent_mutation");
}

#[tokio::test]
async fn streams_are_counted_as_they_are_opened() {
    let limited = Limited::with(|limits| limits.sse_connect = rate(20, 2)).await;
    let world = &limited.world;
    let mut open = vec![world.sse("/sse", &[]).await, world.sse("/sse", &[]).await];
    let wait = refused(&world.get("/sse").await, "sse_connect");
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(world.send("POST", "/sse", Value::Null).await.status, 404);
    assert_eq!(world.get("/api/repos").await.status, 200);
    for stream in &mut open {
        assert_eq!(stream.next().await.unwrap().event, "connected");
    }
    sleep(Duration::from_secs(wait)).await;
    world.sse("/sse", &[]).await;
    refused(&world.get("/sse").await, "sse_connect");
}

#[tokio::test]
async fn signed_deliveries_are_never_limited_and_all_others_are() {
    let limited = Limited::with(|limits| limits.ip = rate(10, 3)).await;
    let world = &limited.world;
    let body = br#"{"zen":"Keep it logically awesome."}"#;
    let signature = crate::routes::signature(SECRET, body);
    let event = ("X-GitHub-Event", "ping");
    let signed = [event, ("X-Hub-Signature-256", signature.as_str())];
    let forged = [event, ("X-Hub-Signature-256", "sha256=00")];
    let keyed = [event, BEARER];
    let send = async |headers: &[(&str, &str)], body: &[u8]| {
        world.send_bytes("POST", HOOK, headers, body).await
    };
    for _ in 0..10 {
        assert_eq!(send(&signed, body).await.status, 202);
    }
    assert_eq!(send(&[event], body).await.status, 401);
    assert_eq!(send(&forged, body).await.status, 401);
    assert_eq!(send(&[event], body).await.status, 401);
    for headers in [&[event][..], &forged] {
        refused(&send(headers, body).await, "ip");
    }
    let large = vec![b' '; 2 << 20];
    refused(&send(&signed, &large).await, "ip");
    // Calls without a key do not use up the limit of calls with a key from the same address.
    for _ in 0..2 {
        assert_eq!(world.get("/api/repos").await.status, 200);
    }
    assert_eq!(send(&keyed, body).await.status, 202);
    refused(&send(&keyed, body).await, "ip");
    refused(&world.get("/api/repos").await, "ip");
    for _ in 0..10 {
        assert_eq!(send(&signed, body).await.status, 202);
    }
    sleep(Duration::from_secs(refused(
        &send(&[event], body).await,
        "ip",
    )))
    .await;
    assert_eq!(send(&signed, &large).await.status, 413);
    refused(&send(&[event], body).await, "ip");
}

#[tokio::test]
async fn a_trusted_proxy_names_the_address() {
    let limited = Limited::with(|limits| {
        limits.ip = rate(6, 1);
        limits.trust_proxy = true;
    })
    .await;
    let world = &limited.world;
    let from = async |header: (&str, &str)| {
        world
            .send_bytes("GET", "/api/repos", &[BEARER, header], b"")
            .await
    };
    assert_eq!(
        from(("X-Forwarded-For", "198.51.100.7, 10.0.0.1"))
            .await
            .status,
        200
    );
    assert_eq!(
        from(("X-Forwarded-For", "198.51.100.8, 10.0.0.1"))
            .await
            .status,
        200
    );
    refused(&from(("X-Real-IP", "198.51.100.7")).await, "ip");
    assert_eq!(
        world.get("/api/repos").await.status,
        200,
        "the socket's own address"
    );
    refused(&from(("X-Forwarded-For", "unknown")).await, "ip");
}

#[tokio::test]
async fn forwarded_headers_are_ignored_without_a_trusted_proxy() {
    let limited = Limited::with(|limits| limits.ip = rate(6, 1)).await;
    let world = &limited.world;
    assert_eq!(world.get("/api/repos").await.status, 200);
    let header = ("X-Forwarded-For", "198.51.100.7");
    let reply = world
        .send_bytes("GET", "/api/repos", &[BEARER, header], b"")
        .await;
    refused(&reply, "ip");
}

#[tokio::test]
async fn a_burst_of_zero_mutations_and_a_stream_rate_of_zero_are_enforced() {
    let limited = Limited::with(|limits| {
        limits.agent_mutation = rate(40, 0);
        limits.sse_connect = rate(0, 1);
    })
    .await;
    let world = &limited.world;
    let next = world
        .send("POST", "/api/next", json!({ "agent_id": "ada" }))
        .await;
    assert_eq!(refused(&next, "agent_mutation"), 60);
    world.sse("/sse", &[]).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(refused(&world.get("/sse").await, "sse_connect"), 60);
}

#[tokio::test]
async fn an_address_burst_of_zero_rejects_every_call() {
    let limited = Limited::with(|limits| limits.ip = rate(60, 0)).await;
    let world = &limited.world;
    assert_eq!(refused(&world.get("/api/repos").await, "ip"), 60);
    let event = [("X-GitHub-Event", "ping")];
    let delivery = world.send_bytes("POST", HOOK, &event, b"{}").await;
    assert_eq!(refused(&delivery, "ip"), 60);
    assert_eq!(world.get("/healthz").await.status, 200);
    world.sse("/sse", &[]).await;
}
