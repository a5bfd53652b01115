//! `/healthz`, `/readyz`, `/api/health`

use insta::assert_snapshot;
use issuecommand_testkit::http::members;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn open_health_endpoints_show_only_the_service_name() {
    let world = World::new().await;
    for path in ["/healthz", "/readyz"] {
        let reply = world.send_bytes("GET", path, &[], b"").await;
        assert_eq!(
            (reply.status, reply.json_without_id()),
            (200, json!({ "service": "issuecommand", "ok": true })),
            "{path}"
        );
    }
}

#[tokio::test]
async fn health_counts_the_rows_written() {
    let world = World::new().await;
    let health = world.get("/api/health").await.json_without_id();
    let expected = json!({
        "health": {
            "uptime_seconds": 0,
            "total_claims": 0,
            "active_claims": 0,
            "active_agents": 0,
            "stale_claims": 0,
            "outbox_waiting": 0,
            "open_followups": 0,
            "stale_followups": 0,
            "deferred_deliveries": 0,
            "dead_deliveries": 0,
            "github": {},
        }
    });
    assert_eq!(health, expected);
    world.claim("ada", 1).await;
    world.claim("ada", 2).await;
    let claim = world.claim("bob", 3).await;
    world
        .send(
            "DELETE",
            &crate::world::path_of(&claim),
            json!({ "agent_id": "bob" }),
        )
        .await;
    let health = &world.get("/api/health").await.json_without_id()["health"];
    assert_snapshot!(members(health, "total_claims active_claims active_agents"), @"total_claims=3 active_claims=2 active_agents=1");
}
