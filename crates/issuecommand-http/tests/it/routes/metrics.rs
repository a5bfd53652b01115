//! Prometheus metrics: access to them, and their values.

use std::sync::OnceLock;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::ports::store::Store;
use issuecommand_http::{HttpSettings, Metrics, secret_hash};
use issuecommand_testkit::builders::{create_key, new_key, repo};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::sync::Mutex;

use crate::world::{KEY, Plan, World};

/// A process has one recorder, so tests that set or read gauges take turns.
static TURN: Mutex<()> = Mutex::const_new(());

fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap())
        .clone()
}

async fn world(public: bool) -> World {
    let render = recorder();
    World::with(Plan {
        settings: HttpSettings {
            metrics: Some(Metrics {
                render,
                public,
                refresh: || {},
            }),
            ..HttpSettings::new(KEY.into())
        },
        ..Plan::default()
    })
    .await
}

fn number(text: &str, name: &str) -> f64 {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(name));
    let value = lines.next().unwrap_or_else(|| panic!("{name} in {text}"));
    value.trim().parse().unwrap()
}

/// The number of ready issues.
async fn ready(world: &World) -> f64 {
    let open = world.store.open_issues(&IssueFilter::default()).await;
    f64::from(u32::try_from(open.unwrap().len()).unwrap())
}

#[tokio::test]
async fn open_connections_and_responses_are_counted() {
    let _turn = TURN.lock().await;
    let world = world(false).await;
    world.claim("ann", 1).await;
    let claim = world.claim("bob", 2).await;
    let body = json!({ "agent_id": "bob", "status": "in_progress" });
    world
        .send("PATCH", &crate::world::path_of(&claim), body)
        .await;
    let requests =
        r#"issuecommand_http_requests_total{route="/api/claims",method="POST",status="200"}"#;
    let reply = world.get("/metrics").await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/plain; version=0.0.4")
    );
    let text = String::from_utf8(reply.body).unwrap();
    assert!((number(&text, r#"issuecommand_claims{status="claimed"}"#) - 1.0).abs() < 0.1);
    assert!((number(&text, r#"issuecommand_claims{status="in_progress"}"#) - 1.0).abs() < 0.1);
    assert!(number(&text, r#"issuecommand_claims{status="stale"}"#).abs() < 0.1);
    assert!((number(&text, "issuecommand_issues_ready") - ready(&world).await).abs() < 0.1);
    let held = number(&text, r#"issuecommand_issues_not_ready{reason="held"}"#);
    assert!((held - 2.0).abs() < 0.1);
    assert!(number(&text, r#"issuecommand_issues_not_ready{reason="assigned"}"#).abs() < 0.1);
    assert!(number(&text, "issuecommand_store_read_seconds") >= 0.0);
    assert!(number(&text, r#"issuecommand_followups{status="queued"}"#).abs() < 0.1);
    assert!(
        number(
            &text,
            r#"issuecommand_invariant_violations{invariant="one_claim_an_issue"}"#
        )
        .abs()
            < 0.1
    );
    // Other tests of this process use the same recorder.
    assert!(number(&text, requests) >= 2.0);
    assert!(
        !text.contains(claim["claim_id"].as_str().unwrap()),
        "{text}"
    );
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        assert!(line.starts_with("issuecommand_"), "{line}");
    }
}

#[tokio::test]
async fn metrics_need_a_key_without_restrictions() {
    let _turn = TURN.lock().await;
    let guarded = world(false).await;
    let open = world(true).await;
    for (world, status) in [(&guarded, 401), (&open, 200)] {
        let reply = world.send_bytes("GET", "/metrics", &[], b"").await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    for (scope, status) in [
        (Scope::All, 200),
        (Scope::Only([repo("acme/web")].into()), 404),
    ] {
        let key = create_key(NewKey {
            hash: secret_hash(b"ick_watch"),
            scope,
            ..new_key("watch", 0)
        });
        let world = self::world(false).await;
        world.store.transact(key).await.unwrap();
        let token = [("Authorization", "Bearer ick_watch")];
        let reply = world.send_bytes("GET", "/metrics", &token, b"").await;
        assert_eq!(reply.status, status, "{reply:?}");
    }
    let without = World::new().await;
    assert_eq!(without.get("/metrics").await.status, 404);
}
