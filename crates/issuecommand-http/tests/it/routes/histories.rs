//! The history of an issue and of an agent, statistics, and what waits between here and GitHub.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery};
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_core::ports::store::Store as _;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{agent, create_key, new_key, repo, sweep};
use serde_json::{Value, json};

use crate::world::World;

async fn noted(world: &World, command: Command) {
    let outcome = world.store.transact(command).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
}

async fn get(world: &World, path: &str) -> Value {
    let reply = world.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json_without_id()
}

/// A key that sees a repository without any issue.
async fn bound(world: &World) -> [(&'static str, &'static str); 1] {
    let bound = NewKey {
        scope: Scope::Only([repo("acme/web")].into()),
        hash: secret_hash(b"ick_web"),
        ..new_key("web", 1)
    };
    noted(world, create_key(bound)).await;
    [("Authorization", "Bearer ick_web")]
}

fn types(page: &Value) -> Vec<&str> {
    let events = page["events"].as_array().unwrap().iter();
    events
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_issue_tells_its_history() {
    let world = World::new().await;
    world.get("/api/repos/acme/api/issues").await;
    let path = "/api/issues/acme/api/1/history";
    let empty = get(&world, path).await;
    assert_eq!(empty["issue"]["state"], "ready", "{empty}");
    assert_eq!(types(&empty), [""; 0]);
    let claim = world.claim("ada", 1).await;
    let release = json!({ "agent_id": "ada", "reason": "needs the database" });
    let reply = world
        .send("DELETE", &crate::world::path_of(&claim), release)
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    world.claim("bob", 1).await;
    world.claim("ada", 2).await;
    let history = get(&world, path).await;
    assert_eq!(
        types(&history),
        ["claim.created", "claim.released", "claim.created"]
    );
    assert_eq!(history["issue"]["agent_id"], "bob");
    assert_eq!(
        (
            &history["working"]["agent_id"],
            &history["working"]["status"]
        ),
        (&json!("bob"), &json!("claimed"))
    );
    assert!(history["working"]["stale_at"].is_string(), "{history}");
    let first = get(&world, &format!("{path}?limit=1")).await;
    assert_eq!(types(&first), ["claim.created"]);
    let before = first["next_before"].as_str().unwrap();
    let rest = get(&world, &format!("{path}?limit=9&before={before}")).await;
    assert_eq!(types(&rest), ["claim.released", "claim.created"]);
    assert_eq!(rest["next_before"], Value::Null);
    let headers = bound(&world).await;
    let refused = world.send_bytes("GET", path, &headers, b"").await;
    assert_eq!(refused.status, 403, "{refused:?}");
}

#[tokio::test]
async fn an_agent_tells_what_it_holds_and_did() {
    let world = World::new().await;
    world.get("/api/repos/acme/api/issues").await;
    let claim = world.claim("ada", 1).await;
    world.claim("ada", 2).await;
    world.claim("bob", 4).await;
    let release = json!({ "agent_id": "ada" });
    world
        .send("DELETE", &crate::world::path_of(&claim), release)
        .await;
    let page = get(&world, "/api/agents/ada").await;
    assert_eq!(
        page["counts"],
        json!({ "claimed": 2, "merged": 0, "released": 1, "stale": 0 })
    );
    assert_eq!(page["agent"]["agent_id"], "ada");
    assert_eq!(page["agent"]["holds"][0]["issue_number"], 2);
    assert_eq!(page["working"][0]["issue_number"], 2);
    assert_eq!(
        types(&page),
        ["claim.released", "claim.created", "claim.created"]
    );
    let unknown = world.get("/api/agents/no%2Fbody").await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    let words = unknown.json_without_id()["message"].to_string();
    assert!(
        words.contains("no/body") && words.contains("GET /api/agents"),
        "{words}"
    );
    // Whoever sees none of its work is told of no such agent.
    let headers = bound(&world).await;
    let hidden = world
        .send_bytes("GET", "/api/agents/ada", &headers, b"")
        .await;
    assert_eq!(hidden.status, 404, "{hidden:?}");
}

#[tokio::test]
async fn agents_are_listed_page_by_page() {
    let world = World::new().await;
    world.get("/api/repos/acme/api/issues").await;
    for (who, n) in [("ada", 1), ("bob", 2), ("cid", 4)] {
        world.claim(who, n).await;
    }
    let names = |page: &Value| -> Vec<String> {
        let agents = page["agents"].as_array().unwrap().iter();
        let name = |agent: &Value| agent["agent_id"].as_str().unwrap().to_owned();
        agents.map(name).collect()
    };
    let first = get(&world, "/api/agents?limit=2").await;
    assert_eq!(
        (names(&first), &first["total"]),
        (vec!["ada".to_owned(), "bob".to_owned()], &json!(3))
    );
    assert_eq!(first["agents"][0]["holds"][0]["issue_number"], 1);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = get(&world, &format!("/api/agents?limit=2&cursor={cursor}")).await;
    assert_eq!(names(&rest), ["cid"]);
    assert_eq!(rest["next_cursor"], Value::Null);
    let whole = get(&world, "/api/agents").await;
    assert_eq!((names(&whole).len(), &whole["total"]), (3, &Value::Null));
    let bad = world.get("/api/agents?cursor=ada").await;
    assert_eq!(bad.status, 400, "{bad:?}");
    let headers = bound(&world).await;
    let none = world
        .send_bytes("GET", "/api/agents?limit=5", &headers, b"")
        .await;
    assert_eq!(none.json_without_id(), json!({ "agents": [], "total": 0 }));
}

#[tokio::test]
async fn days_are_counted() {
    let world = World::new().await;
    world.get("/api/repos/acme/api/issues").await;
    world.claim("ada", 1).await;
    noted(&world, sweep()).await;
    let statistics = get(&world, "/api/statistics?days=3").await;
    let days = statistics["statistics"]["days"].as_array().unwrap();
    assert_eq!(days.len(), 3);
    let today = &days[2];
    assert_eq!(
        (&today["claims"], &today["merges"]),
        (&json!(1), &json!(0)),
        "{today}"
    );
    assert_eq!(today["queue"], json!({ "average": 3.0, "most": 3 }));
    assert_eq!(today["agents"], json!({ "average": 1.0, "most": 1 }));
    assert_eq!(today["claim_to_merge"], Value::Null);
    assert_eq!(days[0]["queue"], Value::Null, "that was not measured");
    let all = &statistics["statistics"]["all"];
    assert_eq!((&all["day"], &all["claims"]), (&json!("all"), &json!(1)));
    let api = get(&world, "/api/statistics?days=1&repo=acme/api").await;
    assert_eq!(api["statistics"]["days"][0]["queue"]["most"], 3);
    let headers = bound(&world).await;
    let web = world
        .send_bytes("GET", "/api/statistics", &headers, b"")
        .await;
    let web = web.json_without_id();
    assert_eq!(web["statistics"]["all"]["claims"], 0);
    assert_eq!(web["statistics"]["days"].as_array().unwrap().len(), 30);
    let bad = world.get("/api/statistics?days=0").await;
    assert_eq!(bad.status, 400, "{bad:?}");
}

#[tokio::test]
async fn deliveries_that_wait_are_listed_and_tried_again() {
    let world = World::new().await;
    let none = get(&world, "/api/deliveries").await;
    assert_eq!(none, json!({ "waiting": 0, "dead": 0, "deliveries": [] }));
    for _ in 0..5 {
        let action = Action::DeferDelivery {
            delivery: Delivery {
                id: Some("gh-1".to_owned()),
                event: "push".to_owned(),
                auth: AuthMethod::Signature,
            },
            id: "gh-1".to_owned(),
            body: "{}".to_owned(),
            error: "it failed".to_owned(),
        };
        noted(&world, Command::system(action)).await;
    }
    let dead = get(&world, "/api/deliveries").await;
    assert_eq!((&dead["waiting"], &dead["dead"]), (&json!(0), &json!(1)));
    let row = &dead["deliveries"][0];
    assert_eq!(
        (&row["delivery_id"], &row["state"], &row["attempts"]),
        (&json!("gh-1"), &json!("dead"), &json!(5))
    );
    let seen = get(&world, "/api/overview").await;
    let line = &seen["overview"]["needs_person"]["items"][0];
    assert_eq!(
        (&line["kind"], &line["count"]),
        (&json!("deliveries_dead"), &json!(1))
    );
    let retry = "/api/deliveries/gh-1/retry";
    let headers = bound(&world).await;
    for (method, path) in [("GET", "/api/deliveries"), ("POST", retry)] {
        let refused = world.send_bytes(method, path, &headers, b"").await;
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
    }
    let own = NewKey {
        agent: Some(agent("ada")),
        hash: secret_hash(b"ick_ada"),
        ..new_key("ada", 2)
    };
    noted(&world, create_key(own)).await;
    let headers = [("Authorization", "Bearer ick_ada")];
    let refused = world.send_bytes("POST", retry, &headers, b"").await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let done = world.send("POST", retry, json!({})).await;
    assert_eq!(
        (done.status, done.json_without_id()),
        (200, json!({ "ok": true }))
    );
    let waiting = get(&world, "/api/deliveries").await;
    assert_eq!(
        (&waiting["waiting"], &waiting["dead"]),
        (&json!(1), &json!(0))
    );
    let unknown = world
        .send("POST", "/api/deliveries/gh-2/retry", json!({}))
        .await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
}

#[tokio::test]
async fn writes_that_wait_are_listed() {
    let world = World::new().await;
    let none = get(&world, "/api/outbox").await;
    assert_eq!(none, json!({ "waiting": 0, "writes": [] }));
    let id = "00000000-0000-0000-0000-000000000001";
    let unknown = world
        .send("POST", &format!("/api/outbox/{id}/retry"), json!({}))
        .await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    let bad = world
        .send("POST", "/api/outbox/seven/retry", json!({}))
        .await;
    assert_eq!(bad.status, 400, "{bad:?}");
}
