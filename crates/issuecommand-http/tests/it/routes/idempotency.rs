//! `Idempotency-Key` on every change.

use issuecommand_core::ports::store::Store;
use serde_json::{Value, json};

use crate::world::{BEARER, HOOK, World, path_of};

/// Sends a change with a key.
async fn keyed(world: &World, call: (&str, &str), body: &Value, key: &str) -> (u16, Value) {
    let (method, path) = call;
    let headers = [BEARER, ("Idempotency-Key", key)];
    let body = serde_json::to_vec(body).unwrap();
    let reply = world.send_bytes(method, path, &headers, &body).await;
    let mut told = reply.json_without_id();
    // What an agent is told beside the answer is of the call, and each notice is told once.
    for beside in ["notices", "also_yours"] {
        told.as_object_mut().unwrap().remove(beside);
    }
    (reply.status, told)
}

/// Makes a change, repeats it, and sends another request under its key.
async fn is_made_once(world: &World, call: (&str, &str), body: Value, other: Value) -> Value {
    let key = format!("{} {}", call.0, call.1);
    let (status, first) = keyed(world, call, &body, &key).await;
    assert_eq!(
        (status, &first["error"]),
        (200, &Value::Null),
        "{key}: {first}"
    );
    let end = world.store.last_event().await.unwrap();
    // Spelled otherwise, it is the same request.
    let mut spelled = body.clone();
    for text in spelled.as_object_mut().unwrap().values_mut() {
        if let Some(word) = text.as_str() {
            *text = json!(format!(" {word} "));
        }
    }
    for again in [&body, &spelled] {
        let repeated = keyed(world, call, again, &key).await;
        assert_eq!(repeated, (200, first.clone()), "{key}: the first answer");
    }
    let (status, no) = keyed(world, call, &other, &key).await;
    assert_eq!(
        (status, &no["reason"]),
        (409, &json!("idempotency_mismatch")),
        "{key}: {no}"
    );
    assert_eq!(
        world.store.last_event().await.unwrap(),
        end,
        "{key} changes nothing again"
    );
    first
}

/// Feedback on a pull request. Returns the path of its follow-up.
async fn feedback(world: &World, pull: i64) -> String {
    let body = json!({ "pull": pull, "id": pull, "body": "Say it" }).to_string();
    let headers = [BEARER, ("X-GitHub-Event", "pull_request_review")];
    let reply = world
        .send_bytes("POST", HOOK, &headers, body.as_bytes())
        .await;
    let told = reply.json_without_id();
    format!("/api/followups/{}", told["work_item_id"].as_str().unwrap())
}

#[tokio::test]
async fn every_change_of_a_claim_is_made_once() {
    let world = World::new().await;
    let claim = |n: i64| json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": n });
    let claimed = is_made_once(&world, ("POST", "/api/claims"), claim(1), claim(2)).await;
    let path = path_of(&claimed["claim"]);
    let moved = |note: &str| json!({ "agent_id": "ada", "status": "in_progress", "note": note });
    let told = is_made_once(&world, ("PATCH", &path), moved("one"), moved("two")).await;
    assert_eq!(told["idempotent"], json!(false), "the first answer said so");
    let give = |to: &str| json!({ "to_agent_id": to });
    let to_give = format!("{path}/give");
    is_made_once(&world, ("POST", &to_give), give("bob"), give("eve")).await;
    let release = |reason: &str| json!({ "agent_id": "bob", "reason": reason });
    is_made_once(
        &world,
        ("DELETE", &path),
        release("tired"),
        release("bored"),
    )
    .await;
    let next = |agent: &str| json!({ "agent_id": agent });
    is_made_once(&world, ("POST", "/api/next"), next("ada"), next("bob")).await;
    is_made_once(&world, ("POST", "/api/next-work"), next("ada"), next("bob")).await;
}

#[tokio::test]
async fn every_change_of_a_followup_is_made_once() {
    let world = World::new().await;
    let path = feedback(&world, 11).await;
    let give = |to: &str| json!({ "to_agent_id": to });
    let to_give = format!("{path}/give");
    is_made_once(&world, ("POST", &to_give), give("ada"), give("eve")).await;
    let done = |note: &str| json!({ "agent_id": "ada", "status": "done", "note": note });
    is_made_once(&world, ("PATCH", &path), done("one"), done("two")).await;
}

#[tokio::test]
async fn what_people_do_is_done_once() {
    let world = World::new().await;
    let note = |note: &str| json!({ "note": note });
    let (park, offer) = (
        "/api/issues/acme/api/2/park",
        "/api/issues/acme/api/2/offer",
    );
    is_made_once(&world, ("POST", park), note("wait"), note("stop")).await;
    is_made_once(&world, ("POST", offer), note("go"), note("run")).await;
    let work = |action: &str| json!({ "action": action, "agent_id": "ada" });
    is_made_once(&world, ("POST", "/api/work"), work("pause"), work("resume")).await;
}

#[tokio::test]
async fn a_refused_change_may_be_tried_again_with_its_key() {
    let world = World::new().await;
    let claim = world.claim("ada", 1).await;
    let path = path_of(&claim);
    let body = json!({ "agent_id": "bob", "reason": "mine" });
    let call = ("DELETE", path.as_str());
    assert_eq!(keyed(&world, call, &body, "k").await.0, 409);
    let give = json!({ "to_agent_id": "bob" });
    let given = world.send("POST", &format!("{path}/give"), give).await;
    assert_eq!(given.status, 200);
    assert_eq!(keyed(&world, call, &body, "k").await.0, 200);
}

#[tokio::test]
async fn signs_of_life_need_no_key() {
    let world = World::new().await;
    world.claim("ada", 1).await;
    let body = json!({ "agent_id": "ada" });
    for _ in 0..2 {
        let (status, told) = keyed(&world, ("POST", "/api/heartbeat"), &body, "k").await;
        assert_eq!((status, &told["warnings"]), (200, &Value::Null), "{told}");
    }
    // The key was not used up.
    let claim = json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": 2 });
    assert_eq!(
        keyed(&world, ("POST", "/api/claims"), &claim, "k").await.0,
        200
    );
}
