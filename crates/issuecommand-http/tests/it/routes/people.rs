//! What people do by hand: halt work, park issues and offer them, give claims.

use serde_json::{Value, json};

use crate::world::World;

async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    let answer = world.send("POST", path, body).await;
    (answer.status, answer.json_without_id())
}

#[tokio::test]
async fn work_is_paused_and_resumed() {
    let world = World::new().await;
    let pause = json!({"action": "pause", "agent_id": "ada", "note": "release day"});
    let (status, answer) = post(&world, "/api/work", pause).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["halt"]["of"], "agent");
    assert_eq!(answer["halt"]["agent_id"], "ada");
    assert_eq!(answer["halt"]["state"], "paused");
    let (status, no) = post(&world, "/api/next", json!({"agent_id": "ada"})).await;
    assert_eq!((status, &no["reason"]), (409, &json!("paused")), "{no}");
    let message = no["message"].as_str().unwrap();
    assert!(
        message.starts_with("Work is paused for you since "),
        "{message}"
    );
    assert!(message.contains(": release day."), "{message}");
    let (status, _) = post(&world, "/api/next", json!({"agent_id": "bob"})).await;
    assert_eq!(status, 200);
    let resume = json!({"action": "resume", "agent_id": "ada"});
    assert_eq!(
        post(&world, "/api/work", resume).await,
        (200, json!({"ok": true}))
    );
    let (status, _) = post(&world, "/api/next", json!({"agent_id": "ada"})).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_halt_is_checked() {
    let world = World::new().await;
    let both = json!({"action": "pause", "agent_id": "ada", "repo": "acme/api"});
    let (status, no) = post(&world, "/api/work", both).await;
    assert_eq!(status, 400, "{no}");
    let (status, no) = post(&world, "/api/work", json!({"action": "stop"})).await;
    assert_eq!(status, 400);
    assert!(
        no["message"]
            .as_str()
            .unwrap()
            .contains("pause, drain, resume"),
        "{no}"
    );
}

#[tokio::test]
async fn an_issue_is_parked_and_offered() {
    let world = World::new().await;
    let park = json!({"note": "wait for the design"});
    let (status, answer) = post(&world, "/api/issues/acme/api/2/park", park).await;
    assert_eq!(status, 200, "{answer}");
    let reason = &answer["readiness"]["reasons"][0];
    assert_eq!(reason["reason"], "needs_human");
    assert!(
        reason["message"]
            .as_str()
            .unwrap()
            .contains("wait for the design")
    );
    let (_, next) = post(&world, "/api/next", json!({"agent_id": "ada"})).await;
    assert_ne!(next["issue"]["number"], 2);
    let (status, answer) = post(&world, "/api/issues/acme/api/2/offer", json!({})).await;
    assert_eq!(
        (status, &answer["readiness"]["ready"]),
        (200, &json!(true)),
        "{answer}"
    );
    let (status, no) = post(&world, "/api/issues/acme/api/2/park", json!({})).await;
    assert_eq!(status, 400, "{no}");
}

#[tokio::test]
async fn a_claim_is_given_and_an_outcome_parks() {
    let world = World::new().await;
    let (_, next) = post(&world, "/api/next", json!({"agent_id": "ada"})).await;
    let claim = next["claim"]["claim_id"].as_str().unwrap().to_owned();
    let give = json!({"to_agent_id": "bob", "note": "ada is away"});
    let (status, given) = post(&world, &format!("/api/claims/{claim}/give"), give).await;
    assert_eq!(
        (status, &given["claim"]["agent_id"]),
        (200, &json!("bob")),
        "{given}"
    );
    let back = json!({"agent_id": "bob", "outcome": "not_reproducible", "reason": "it works here"});
    let released = world
        .send("DELETE", &format!("/api/claims/{claim}"), back)
        .await;
    assert_eq!(released.status, 200);
    let number = &next["issue"]["number"];
    let asked = world
        .get(&format!("/api/issues/acme/api/{number}/readiness"))
        .await;
    let reason = asked.json_without_id()["readiness"]["reasons"][0].clone();
    assert_eq!(reason["reason"], "needs_human");
    let message = reason["message"].as_str().unwrap();
    assert!(
        message.contains("\"bob\" gave it back as not_reproducible: it works here"),
        "{message}"
    );
}
