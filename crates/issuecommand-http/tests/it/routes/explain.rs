//! `GET /api/explain`: how many issues there are, and why not all are handed out.

use issuecommand_core::domain::policy::Policy;
use serde_json::json;

use crate::world::{Plan, World};

#[tokio::test]
async fn each_issue_counts_once_with_an_example() {
    let world = World::new().await;
    world.github.keep_for(3, "No-Agent", "kim");
    world.get("/api/repos/acme/api/issues").await;
    world.claim("ada", 1).await;
    let reply = world.get("/api/explain?agent_id=ada&repo=acme/api").await;
    let expected = json!({ "explain": {
        "considered": 4,
        "ready": 2,
        "reasons": [
            {
                "reason": "held",
                "count": 1,
                "example": { "repo": "acme/api", "issue_number": 1, "message": "\"ada\" works on it" },
            },
            {
                "reason": "assigned",
                "count": 1,
                "example": {
                    "repo": "acme/api",
                    "issue_number": 3,
                    "message": "@kim is assigned to it, who is none of AGENT_LOGINS",
                },
            },
        ],
    } });
    assert_eq!((reply.status, reply.json_without_id()), (200, expected));
    let all = world.get("/api/explain").await.json_without_id();
    assert_eq!(all["explain"]["reasons"][0]["reason"], "held", "{all}");
    let health = world.get("/api/health").await.json_without_id();
    assert_eq!(health["health"]["not_ready"]["held"], 1);
    assert_eq!(health["health"]["not_ready"]["assigned"], 1);
}

#[tokio::test]
async fn one_issue_gives_its_readiness() {
    let world = World::new().await;
    world.github.keep_for(3, "No-Agent", "kim");
    world.get("/api/repos/acme/api/issues").await;
    let path = "/api/explain?repo=acme/api&issue_number=3";
    let told = world.get(path).await.json_without_id();
    let asked = world.get("/api/issues/acme/api/3/readiness").await;
    assert_eq!(told, asked.json_without_id());
    assert_eq!(told["readiness"]["reasons"].as_array().unwrap().len(), 2);
    let without = world.get("/api/explain?issue_number=3").await;
    assert_eq!(without.status, 400, "{without:?}");
    let unknown = world.get("/api/explain?repo=acme/gone").await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
}

#[tokio::test]
async fn an_agent_hears_when_it_gets_again_what_it_gave_back() {
    let plan = Plan {
        policy: Policy::default(),
        ..Plan::default()
    };
    let world = World::with(plan).await;
    world.get("/api/repos/acme/api/issues").await;
    let claim = world.claim("ada", 1).await;
    let body = json!({ "agent_id": "ada" });
    let path = crate::world::path_of(&claim);
    let released = world.send("DELETE", &path, body).await;
    assert_eq!(released.status, 200, "{released:?}");
    let asked = world.get("/api/explain?agent_id=ada&repo=acme/api").await;
    let told = asked.json_without_id();
    let hindrance = &told["explain"]["agent"][0];
    assert_eq!(hindrance["reason"], "cooldown", "{told}");
    assert_eq!(hindrance["count"], 1);
    assert_eq!(hindrance["until"], told["explain"]["next_free_at"]);
    assert!(hindrance["until"].is_string());
    let other = world.get("/api/explain?agent_id=bob&repo=acme/api").await;
    let other = other.json_without_id();
    assert!(other["explain"].get("agent").is_none(), "{other}");
}
