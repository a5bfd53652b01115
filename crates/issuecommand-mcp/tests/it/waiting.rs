//! `next_work` with `wait_seconds`.

use std::time::{Duration, Instant};

use rmcp::ServiceExt;
use serde_json::{Value, json};

use crate::world::{Client, World, call};

/// The one repository has four open issues.
const OPEN: usize = 4;

async fn ask(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let result = call(client, tool, &arguments).await;
    result.structured_content.unwrap()
}

/// Takes all that is free; the claims.
async fn take_all(client: &Client) -> Vec<Value> {
    let mut claims = Vec::new();
    loop {
        let given = ask(client, "next_work", json!({"agent_id": "ann"})).await;
        if given["ok"] != json!(true) {
            return claims;
        }
        claims.push(given["claim"].clone());
    }
}

#[tokio::test]
async fn whoever_waits_gets_what_another_gives_back() {
    let (_world, client) = World::met().await;
    let claims = take_all(&client).await;
    assert_eq!(claims.len(), OPEN);
    let begun = Instant::now();
    let waiting = ask(
        &client,
        "next_work",
        json!({"agent_id": "bob", "wait_seconds": 15}),
    );
    let giving = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let id = claims[0]["claim_id"].clone();
        ask(
            &client,
            "release_issue",
            json!({"agent_id": "ann", "claim_id": id}),
        )
        .await
    };
    let (given, _) = tokio::join!(waiting, giving);
    assert_eq!(
        given["claim"]["issue_number"], claims[0]["issue_number"],
        "{given}"
    );
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn the_time_ends_with_the_refusal() {
    let (_world, client) = World::met().await;
    take_all(&client).await;
    let begun = Instant::now();
    let refused = ask(
        &client,
        "next_work",
        json!({"agent_id": "bob", "wait_seconds": 1}),
    )
    .await;
    assert_eq!(refused["reason"], "invalid_issue", "{refused}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let wrong = call(
        &client,
        "next_work",
        &json!({"agent_id": "bob", "wait_seconds": 51}),
    )
    .await;
    assert_eq!(wrong.is_error, Some(true), "{wrong:?}");
}

#[tokio::test]
async fn a_client_that_left_takes_nothing() {
    let (world, stream) = World::open();
    let client: Client = ().serve(stream).await.unwrap();
    let claims = take_all(&client).await;
    let service = world.service.clone();
    let waiting = async {
        let arguments = json!({"agent_id": "bob", "wait_seconds": 50});
        let asked = call(&client, "next_work", &arguments);
        tokio::time::timeout(Duration::from_millis(300), asked).await
    };
    assert!(waiting.await.is_err(), "there was nothing");
    client.cancel().await.unwrap();
    world.end().await;
    let events = service.store().last_event().await.unwrap();
    let id = claims[0]["claim_id"].as_str().unwrap();
    let id = issuecommand_core::domain::id::ClaimId(uuid::Uuid::parse_str(id).unwrap());
    let ann = issuecommand_core::domain::id::AgentId::parse("ann").unwrap();
    let caller = issuecommand_core::domain::access::Caller::full(
        issuecommand_core::domain::id::Principal::Local,
    );
    let released = service.release_claim(&caller, id, ann, None, None).await;
    released.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    // The release alone.
    assert_eq!(service.store().last_event().await.unwrap(), events + 1);
}
