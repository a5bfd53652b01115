//! `/api/heartbeat`, `/api/agents`, and sessions of callers

use serde_json::{Value, json};

use crate::world::{World, path_of};

fn ask(session: &str, number: i64) -> Value {
    json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": number, "session_id": session })
}

async fn said(world: &World, path: &str, body: Value) -> Value {
    world.send("POST", path, body).await.json_without_id()
}

#[tokio::test]
async fn another_session_of_the_name_is_told_how_to_go_on() {
    let world = World::new().await;
    let mine = said(&world, "/api/claims", ask("one", 2)).await;
    assert_eq!(mine["ok"], true);
    assert!(mine["claim"]["stale_at"].is_string());
    for _ in 0..20 {
        let no = said(&world, "/api/claims", ask("two", 2)).await;
        assert_eq!(
            (&no["reason"], &no["owner_session"]),
            (&json!("already_claimed"), &json!("one"))
        );
        let status = json!({ "agent_id": "ada", "status": "in_progress", "session_id": "two" });
        let no = world.send("PATCH", &path_of(&mine["claim"]), status).await;
        let no = no.json_without_id();
        assert_eq!(
            (&no["reason"], &no["owner_session"]),
            (&json!("agent_mismatch"), &json!("one"))
        );
    }
    let work = world.get("/api/my-work?agent_id=ada&session_id=two").await;
    assert_eq!(
        work.json_without_id()["work"]["claims"][0]["session"],
        "other"
    );
    // Without a session all is as it was.
    let same = json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": 2 });
    assert_eq!(said(&world, "/api/claims", same).await["idempotent"], true);
    let mut taking = ask("two", 2);
    taking["take_over"] = json!(true);
    let taken = said(&world, "/api/claims", taking).await;
    assert_eq!(
        (&taken["ok"], &taken["idempotent"]),
        (&json!(true), &json!(true))
    );
    let beat = json!({ "agent_id": "ada", "session_id": "one" });
    let told = said(&world, "/api/heartbeat", beat.clone()).await;
    assert_eq!(told["notices"][0]["notice"], "taken_over");
    assert_eq!(told["claims"], json!([]));
    let told = said(&world, "/api/heartbeat", beat).await;
    assert_eq!(told["notices"], Value::Null);
}

#[tokio::test]
async fn a_heartbeat_is_a_sign_of_life_of_all_that_is_held() {
    let world = World::new().await;
    world.claim("ada", 1).await;
    world.claim("ada", 2).await;
    let beat = said(&world, "/api/heartbeat", json!({ "agent_id": "ada" })).await;
    assert_eq!(
        (&beat["ok"], &beat["agent_id"]),
        (&json!(true), &json!("ada"))
    );
    let claims = beat["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 2);
    assert!(
        claims
            .iter()
            .all(|claim| claim["stale_at"].is_string() && claim["status"] == "claimed")
    );
    let status = json!({ "agent_id": "ada", "status": "claimed", "lean": true });
    let path = format!("/api/claims/{}", claims[0]["claim_id"].as_str().unwrap());
    let lean = world
        .send("PATCH", &path, status.clone())
        .await
        .json_without_id();
    assert_eq!(
        (&lean["claim"], &lean["claim_id"]),
        (&Value::Null, &claims[0]["claim_id"])
    );
    let mut whole = status;
    whole["lean"] = json!(false);
    let whole = world.send("PATCH", &path, whole).await.json_without_id();
    assert_eq!(whole["claim"]["claim_id"], claims[0]["claim_id"]);
}

#[tokio::test]
async fn agents_are_listed_with_their_sessions_and_what_they_hold() {
    let world = World::new().await;
    said(&world, "/api/claims", ask("one", 2)).await;
    let agents = world.get("/api/agents").await.json_without_id();
    let ada = &agents["agents"][0];
    assert_eq!(
        (&ada["agent_id"], &ada["principal"]),
        (&json!("ada"), &json!("api-key"))
    );
    let session = &ada["sessions"][0];
    assert_eq!(
        (
            &session["session_id"],
            &session["alive"],
            &session["transport"]
        ),
        (&json!("one"), &json!(true), &json!("http"))
    );
    assert_eq!(ada["holds"][0]["issue_number"], 2);
}

#[tokio::test]
async fn a_name_like_anothers_is_told_of_it() {
    let world = World::new().await;
    said(
        &world,
        "/api/claims",
        json!({ "agent_id": "ada-one", "repo": "acme/api", "issue_number": 2 }),
    )
    .await;
    let typo = json!({ "agent_id": "Ada_One" });
    let told = said(&world, "/api/heartbeat", typo.clone()).await;
    let warning = told["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("ada-one") && warning.contains("was that you?"),
        "{warning}"
    );
    assert_eq!(
        said(&world, "/api/heartbeat", typo).await["warnings"],
        Value::Null,
        "once"
    );
}

#[tokio::test]
async fn a_bad_session_id_is_told() {
    let world = World::new().await;
    let long = "x".repeat(201);
    let reply = world.send("POST", "/api/claims", ask(&long, 2)).await;
    assert_eq!(reply.members("error"), r#"400 error="request_failed""#);
    let work = world.get("/api/my-work?agent_id=ada").await;
    assert_eq!(work.json_without_id()["work"]["claims"], json!([]));
}
