//! `/api/heartbeat`, `/api/client-session`, `/api/agents`, and sessions of callers

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

/// How each session of an agent ended.
async fn ends(world: &World, agent: &str) -> Vec<(String, Value)> {
    let told = world.get("/api/agents").await.json_without_id();
    let agents = told["agents"].as_array().unwrap();
    let agent = agents.iter().find(|it| it["agent_id"] == agent).unwrap();
    let sessions = agent["sessions"].as_array().unwrap().iter();
    let end = |it: &Value| {
        let id = it["session_id"].as_str().unwrap().to_owned();
        (id, it["ended_how"].clone())
    };
    sessions.map(end).collect()
}

async fn hook(world: &World, body: Value) -> Value {
    let told = said(world, "/api/client-session", body).await;
    assert_eq!(told["ok"], true, "{told}");
    told["agents"].clone()
}

#[tokio::test]
async fn a_hook_says_and_hears_all_in_one_call() {
    let world = World::new().await;
    let mine = said(&world, "/api/claims", ask("one", 2)).await["claim"].take();
    let status = json!({ "agent_id": "ada", "status": "in_progress", "note": "half done", "session_id": "one" });
    world.send("PATCH", &path_of(&mine), status).await;
    said(&world, "/api/claims", ask("other", 3)).await;
    let told = hook(
        &world,
        json!({ "session_id": "one", "moment": "begins", "client": "codex" }),
    )
    .await;
    let claim = json!({
        "claim_id": mine["claim_id"],
        "repo": "acme/api",
        "issue_number": 2,
        "status": "in_progress",
        "has_pull_request": false,
        "note": "half done",
    });
    let ada = json!({ "agent_id": "ada", "in_session": true, "claims": [claim], "feedback": [] });
    assert_eq!(told, json!([ada]));
    // Nobody was heard in this session: the model is to say this name.
    let told = hook(
        &world,
        json!({ "session_id": "0b-12345-6789", "moment": "asks", "client": "codex" }),
    )
    .await;
    let named =
        json!({ "agent_id": "codex-23456789", "in_session": false, "claims": [], "feedback": [] });
    assert_eq!(told, json!([named]));
    assert_eq!(hook(&world, json!({ "moment": "asks" })).await, json!([]));
    let wrong = world.send(
        "POST",
        "/api/client-session",
        json!({ "session_id": "one" }),
    );
    assert_eq!(wrong.await.status, 400);
}

#[tokio::test]
async fn the_end_of_a_client_ends_no_session_but_its_own() {
    let world = World::new().await;
    for (session, number) in [("one", 2), ("two", 3)] {
        said(&world, "/api/claims", ask(session, number)).await;
    }
    let none = |id: &str| (id.to_owned(), Value::Null);
    // Neither a session that nobody was heard in, nor none at all, is any of the agent's.
    for body in [
        json!({ "agent_id": "ada", "session_id": "three", "client": "codex", "moment": "over" }),
        json!({ "agent_id": "ada", "moment": "over" }),
        json!({ "session_id": "three", "client": "codex", "moment": "over" }),
        json!({ "moment": "over" }),
    ] {
        hook(&world, body).await;
        assert_eq!(ends(&world, "ada").await, [none("one"), none("two")]);
    }
    said(
        &world,
        "/api/heartbeat",
        json!({ "agent_id": "ada", "session_over": true }),
    )
    .await;
    assert_eq!(ends(&world, "ada").await, [none("one"), none("two")]);
    hook(&world, json!({ "session_id": "one", "moment": "over" })).await;
    let over = ("one".to_owned(), json!("over"));
    assert_eq!(ends(&world, "ada").await, [over.clone(), none("two")]);
    // A hook that comes late is no sign of life for it.
    hook(&world, json!({ "session_id": "one", "moment": "works" })).await;
    assert_eq!(ends(&world, "ada").await, [over, none("two")]);
    hook(&world, json!({ "session_id": "one", "moment": "begins" })).await;
    assert_eq!(ends(&world, "ada").await, [none("one"), none("two")]);
}

#[tokio::test]
async fn a_client_known_by_its_name_alone_ends_what_came_under_that_name() {
    let world = World::new().await;
    let name = "codex-23456789";
    let claim = json!({ "agent_id": name, "repo": "acme/api", "issue_number": 2, "session_id": "connection" });
    said(&world, "/api/claims", claim).await;
    let hook = async |moment: &str| {
        let body = json!({ "session_id": "0b-12345-6789", "client": "codex", "moment": moment });
        hook(&world, body).await
    };
    let told = hook("works").await;
    assert_eq!(told[0]["claims"][0]["issue_number"], 2, "{told}");
    hook("over").await;
    assert_eq!(
        ends(&world, name).await,
        [("connection".to_owned(), json!("over"))]
    );
}
