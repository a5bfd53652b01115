//! `GET /api/events`, and the filters of `/sse`

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::Store;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{
    claim, create_key, facts, finish_poll, issue, new_key, record_issues, record_repos, repo,
};
use serde_json::{Value, json};

use crate::world::{HOOK, World, path_of};

const WEB: &str = "acme/web";

/// Claims of ann and bob in two repositories.
async fn busy() -> World {
    let world = World::new().await;
    world.get("/api/repos").await;
    for command in [
        record_repos(&[facts(WEB)]),
        record_issues(WEB, (1..=3).map(issue)),
        finish_poll(WEB, Timestamp(i64::MAX / 2)),
    ] {
        world.store.transact(command).await.unwrap();
    }
    let held = world.claim("ann", 1).await;
    world.claim("bob", 2).await;
    world.store.transact(claim("ann", WEB, 1)).await.unwrap();
    world
        .send("DELETE", &path_of(&held), json!({ "agent_id": "ann" }))
        .await;
    world
}

async fn events(world: &World, query: &str) -> Value {
    let reply = world.get(&format!("/api/events{query}")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn ids(answer: &Value) -> Vec<i64> {
    let events = answer["events"].as_array().unwrap();
    let id = |event: &Value| event["event_id"].as_str().unwrap().parse().unwrap();
    events.iter().map(id).collect()
}

#[tokio::test]
async fn events_are_read_in_pages_and_by_filters() {
    let world = busy().await;
    let all = events(&world, "").await;
    assert_eq!(all["ok"], json!(true));
    let every = ids(&all);
    let last = *every.last().unwrap();
    assert_eq!(all["last_event_id"], json!(last.to_string()));
    assert_eq!((&all["more"], &all["reset"]), (&json!(false), &Value::Null));

    let (mut got, mut after) = (Vec::new(), 0);
    loop {
        let page = events(&world, &format!("?after={after}&limit=2")).await;
        got.extend(ids(&page));
        after = page["last_event_id"].as_str().unwrap().parse().unwrap();
        if page["more"] == json!(false) {
            break;
        }
        assert_eq!(ids(&page).len(), 2);
    }
    assert_eq!(got, every);

    let of_claims = "types=claim.created,claim.released";
    for (query, count) in [
        (of_claims.to_owned(), 4),
        (format!("{of_claims}&repo=ACME/web"), 1),
        (format!("{of_claims}&agent_id=ann&repo=acme/api"), 2),
        (format!("{of_claims}&agent_id=nobody"), 0),
        ("types=%20claim.released%20,".to_owned(), 1),
    ] {
        let found = events(&world, &format!("?{query}")).await;
        assert_eq!(ids(&found).len(), count, "{query}");
        assert_eq!(found["last_event_id"], json!(last.to_string()), "{query}");
    }
}

#[tokio::test]
async fn a_filter_that_names_nothing_is_refused_with_what_is_allowed() {
    let world = busy().await;
    for path in ["/api/events", "/sse"] {
        for (query, words) in [
            ("types=claim.crated", ["claim.crated", "webhook.rejected"]),
            ("repo=harbour", ["repo", "owner/name"]),
            ("agent_id=%01", ["agent_id", "control characters"]),
        ] {
            let reply = world.get(&format!("{path}?{query}")).await;
            let told = reply.json_without_id();
            assert_eq!(reply.status, 400, "{path} {query}");
            let message = told["message"].as_str().unwrap();
            assert!(words.iter().all(|word| message.contains(word)), "{message}");
        }
    }
    for query in ["after=x", "after=-1", "limit=0", "limit=501"] {
        let reply = world.get(&format!("/api/events?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}

#[tokio::test]
async fn an_id_of_another_log_is_told() {
    let world = busy().await;
    let end = world.store.last_event().await.unwrap().to_string();
    let found = events(&world, "?after=999999").await;
    assert_eq!(
        (ids(&found).len(), &found["last_event_id"]),
        (0, &json!(end))
    );
    let reset = &found["reset"];
    assert_eq!(
        (&reset["reason"], &reset["oldest_event_id"]),
        (&json!("unknown_event_id"), &json!("1"))
    );
    assert!(reset["message"].as_str().unwrap().contains("/api/claims"));
}

#[tokio::test]
async fn a_stream_is_narrowed_by_its_query() {
    let world = busy().await;
    let mut mine = world.sse("/sse?agent_id=bob", &[]).await;
    let mut web = world.sse("/sse?repo=acme/web&last_event_id=0", &[]).await;
    let mut knocks = world.sse("/sse?types=webhook.rejected", &[]).await;
    for stream in [&mut mine, &mut web, &mut knocks] {
        assert_eq!(stream.next().await.unwrap().event, "connected");
    }
    world.send_bytes("POST", HOOK, &[], b"{}").await;
    world.claim("ann", 3).await;
    let own = world.claim("bob", 4).await;
    world.store.transact(claim("ann", WEB, 2)).await.unwrap();
    let told = mine.event().await;
    assert_eq!(told.data["claim_id"], own["claim_id"]);
    for number in [1, 2] {
        let told = web.event().await;
        assert_eq!(
            (&told.data["repo"], &told.data["issue_number"]),
            (&json!(WEB), &json!(number))
        );
    }
    assert_eq!(knocks.event().await.event, "webhook.rejected");
}

#[tokio::test]
async fn a_key_gets_the_events_of_its_repositories() {
    let world = busy().await;
    let bound = NewKey {
        scope: Scope::Only([repo(WEB)].into()),
        hash: secret_hash(b"ick_web"),
        ..new_key("web", 1)
    };
    world.store.transact(create_key(bound)).await.unwrap();
    let key = [("Authorization", "Bearer ick_web")];
    let reply = world.send_bytes("GET", "/api/events", &key, b"").await;
    let found = reply.json();
    let repos: Vec<_> = found["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["repo"])
        .collect();
    assert_eq!(repos, [&json!(WEB)]);
    let end = world.store.last_event().await.unwrap().to_string();
    assert_eq!(
        found["last_event_id"],
        json!(end),
        "what was passed over counts as seen"
    );
}
