//! Named keys: which are accepted, and how long their streams last. The permissions on every route are tested where both
//! surfaces are.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyOutcome, NewKey};
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::Store;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{
    claim, create_key, facts, finish_poll, finish_sync, issue, new_key, record_issues,
    record_repos, repo, revoke_key,
};
use serde_json::{Value, json};

use crate::world::{HOOK, World, path_of};
use issuecommand_testkit::http::{EventStream, Response};

const WEB: &str = "acme/web";
/// Longer than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A key whose secret is `ick_` and its name.
async fn key(world: &World, new: NewKey) -> AccessKey {
    let new = NewKey {
        hash: secret_hash(format!("ick_{}", new.name).as_bytes()),
        ..new
    };
    match world.store.transact(create_key(new)).await.unwrap() {
        Outcome::Done(Answer::Key(keyed)) => match *keyed {
            KeyOutcome::Made(key) => key,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn bearer(name: &str) -> String {
    format!("Bearer ick_{name}")
}

async fn status(world: &World, token: &str) -> u16 {
    let headers = [("Authorization", token)];
    let reply = world.send_bytes("GET", "/api/claims", &headers, b"").await;
    if reply.status == 401 {
        let told = json!({ "ok": false, "error": "unauthorized", "message": "This needs a key that is good here: Authorization: Bearer <API_KEY>, or a named key. Nothing was done." });
        assert_eq!(reply.json_without_id(), told, "it is not said why");
    }
    reply.status
}

async fn stream(world: &World, name: &str, path: &str) -> EventStream {
    let token = bearer(name);
    let mut stream = EventStream::open(world.address, path, &[("Authorization", &token)]).await;
    assert!(stream.head.contains(" 200 "), "{}", stream.head);
    assert_eq!(stream.next().await.unwrap().event, "connected");
    stream
}

/// Reads until the server ends the stream.
async fn ended(mut stream: EventStream) {
    let end = async { while stream.next().await.is_some() {} };
    let end = tokio::time::timeout(PATIENCE, end).await;
    end.expect("a stream whose key is over ends");
}

#[tokio::test]
async fn a_named_key_works_until_it_expires_or_is_revoked() {
    let world = World::new().await;
    key(&world, new_key("good", 1)).await;
    key(
        &world,
        NewKey {
            expires_at: Some(Timestamp(1)),
            ..new_key("old", 2)
        },
    )
    .await;
    key(&world, new_key("gone", 3)).await;
    world.store.transact(revoke_key("gone")).await.unwrap();
    assert_eq!(status(&world, "Bearer the-key").await, 200);
    assert_eq!(status(&world, "bearer  ick_good ").await, 200);
    for token in [
        "Bearer ick_old",
        "Bearer ick_gone",
        "Bearer ick_none",
        "Bearer ick_",
        "Bearer ICK_good",
        "Bearer ick_goo",
        "Bearer ick_good2",
        "Basic ick_good",
        "ick_good",
        // Its digest, its id and its name are no secrets.
        &format!("Bearer {}", secret_hash(b"ick_good")),
        "Bearer good",
    ] {
        assert_eq!(status(&world, token).await, 401, "{token}");
    }
    // GitHub's deliveries need `API_KEY` or a signature.
    let headers = [
        ("Authorization", "Bearer ick_good"),
        ("X-GitHub-Event", "ping"),
    ];
    let reply = world.send_bytes("POST", HOOK, &headers, b"{}").await;
    assert_eq!(
        (reply.status, reply.json_without_id()["error"].clone()),
        (401, json!("unauthorized_webhook"))
    );
}

async fn with_key(world: &World, name: &str, method: &str, path: &str, body: Value) -> Response {
    let (token, body) = (bearer(name), body.to_string());
    let headers = [("Authorization", token.as_str())];
    world
        .send_bytes(method, path, &headers, body.as_bytes())
        .await
}

#[tokio::test]
async fn a_call_that_waits_takes_nothing_once_its_key_is_revoked() {
    let world = World::new().await;
    key(&world, new_key("good", 1)).await;
    let mut held = Vec::new();
    for number in 1..=4 {
        held.push(world.claim("ada", number).await);
    }
    let asks = json!({ "agent_id": "bob", "wait_seconds": 30 });
    let waits = with_key(&world, "good", "POST", "/api/next-work", asks);
    let ends = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.store.transact(revoke_key("good")).await.unwrap();
        let released = json!({ "agent_id": "ada" });
        world.send("DELETE", &path_of(&held[0]), released).await
    };
    let (answer, released) = tokio::join!(waits, ends);
    assert_eq!(released.status, 200, "{released:?}");
    assert_eq!(answer.status, 401, "{answer:?}");
    let work = world.get("/api/my-work?agent_id=bob").await;
    assert_eq!(work.json_without_id()["work"]["claims"], json!([]));
}

#[tokio::test]
async fn a_session_of_another_key_is_not_spoken_in() {
    let world = World::new().await;
    for (name, secret) in [("one", 1), ("two", 2)] {
        key(&world, new_key(name, secret)).await;
    }
    let beat = json!({ "agent_id": "ada", "session_id": "mine" });
    let over = json!({ "agent_id": "ada", "session_id": "mine", "session_over": true });
    let hook = json!({ "session_id": "mine", "moment": "over" });
    let beats = with_key(&world, "one", "POST", "/api/heartbeat", beat.clone());
    assert_eq!(beats.await.status, 200);
    for body in [beat, over.clone()] {
        let answer = with_key(&world, "two", "POST", "/api/heartbeat", body).await;
        let told = answer.json_without_id();
        assert_eq!(
            (answer.status, &told["error"]),
            (403, &json!("session_not_allowed")),
            "{told}"
        );
    }
    let told = with_key(&world, "two", "POST", "/api/client-session", hook).await;
    assert_eq!(told.json_without_id()["agents"], json!([]));
    let agents = world.get("/api/agents").await.json_without_id();
    let session = &agents["agents"][0]["sessions"][0];
    assert_eq!(session["ended_how"], Value::Null, "{agents}");
    let ends = with_key(&world, "one", "POST", "/api/heartbeat", over);
    assert_eq!(ends.await.status, 200);
}

#[tokio::test]
async fn a_failing_store_is_503_and_not_401() {
    let world = World::new().await;
    key(&world, new_key("good", 1)).await;
    let mut listening = stream(&world, "good", "/sse").await;
    let asked = world.faulty_store.asked();
    for (error, word) in [
        (StoreError::Busy("inner detail".to_owned()), "store_busy"),
        (
            StoreError::Unavailable("inner detail".to_owned()),
            "store_unavailable",
        ),
    ] {
        world.faulty_store.fail(Some(error));
        let headers = [("Authorization", "Bearer ick_good")];
        let reply = world.send_bytes("GET", "/api/claims", &headers, b"").await;
        let told = reply.json_without_id();
        assert_eq!((reply.status, &told["error"]), (503, &json!(word)));
        assert!(reply.header("retry-after").is_some());
        assert!(!told.to_string().contains("inner detail"), "{told}");
        assert_eq!(status(&world, "Bearer the-key").await, 200);
        assert_eq!(status(&world, "Bearer wrong").await, 401);
    }
    // Nor does it end existing streams.
    let later = asked + 2 + 2;
    let looked = async {
        while world.faulty_store.asked() < later {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looked).await.unwrap();
    world.faulty_store.fail(None);
    world.claim("ada", 1).await;
    assert_eq!(listening.event().await.event, "claim.created");
}

#[tokio::test]
async fn a_stream_ends_when_its_key_is_revoked() {
    let world = World::new().await;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Timestamp(i64::try_from(since.as_millis()).unwrap());
    key(&world, new_key("kept", 1)).await;
    key(&world, new_key("gone", 2)).await;
    let short = NewKey {
        expires_at: Some(now.plus(Millis::seconds(5))),
        ..new_key("short", 3)
    };
    key(&world, short).await;
    let mut kept = stream(&world, "kept", "/sse").await;
    let gone = stream(&world, "gone", "/sse").await;
    let short = stream(&world, "short", "/sse").await;
    world.store.transact(revoke_key("gone")).await.unwrap();
    tokio::join!(ended(gone), ended(short));
    for name in ["gone", "short"] {
        assert_eq!(status(&world, &bearer(name)).await, 401);
    }
    world.claim("ada", 1).await;
    assert_eq!(kept.event().await.event, "claim.created");
}

#[tokio::test]
async fn a_stream_shows_only_the_keys_repositories() {
    let world = World::new().await;
    let store = &world.store;
    world.get("/api/repos").await;
    for command in [
        record_repos(&[facts(WEB)]),
        record_issues(WEB, (1..=3).map(issue)),
        finish_poll(WEB, Timestamp(i64::MAX / 2)),
    ] {
        assert!(matches!(
            store.transact(command).await.unwrap(),
            Outcome::Done(_)
        ));
    }
    let bound = NewKey {
        scope: Scope::Only([repo("ACME/Web")].into()),
        ..new_key("web", 1)
    };
    key(&world, bound).await;
    key(&world, new_key("all", 2)).await;
    let start = store.last_event().await.unwrap();
    let mut web = stream(&world, "web", "/sse").await;
    let mut all = stream(&world, "all", "/sse").await;
    let tally = finish_sync(SyncStats::default(), &[]);
    for n in 1..=3 {
        world.claim("ada", n).await;
        store.transact(tally.clone()).await.unwrap();
        // A rejected delivery.
        world.send_bytes("POST", HOOK, &[], b"{}").await;
        let done = store.transact(claim("ada", WEB, n)).await.unwrap();
        assert!(matches!(done, Outcome::Done(_)), "{done:?}");
    }
    let mut seen = Vec::new();
    for n in 1..=3 {
        let told = web.event().await;
        assert_eq!(
            (
                told.event.as_str(),
                &told.data["repo"],
                &told.data["issue_number"]
            ),
            ("claim.created", &json!(WEB), &json!(n))
        );
        seen.push(told);
    }
    let mut kinds = Vec::new();
    while kinds.len() < 12 {
        kinds.push(all.event().await.event);
    }
    kinds.sort_unstable();
    let expected = [
        vec!["claim.created"; 6],
        vec!["sync.reconciled"; 3],
        vec!["webhook.rejected"; 3],
    ];
    assert_eq!(kinds, expected.concat());

    // A resumed stream reads the log, not the live buffer.
    let path = format!("/sse?last_event_id={start}");
    let mut again = stream(&world, "web", &path).await;
    for told in &seen {
        assert_eq!(again.event().await, *told);
    }
    // It continues at the end; events that it passed over count as seen.
    let last = seen[2].id.clone().unwrap();
    let mut rest = stream(&world, "web", &format!("/sse?last_event_id={last}")).await;
    world.claim("bob", 4).await;
    store.transact(claim("bob", WEB, 9)).await.unwrap();
    let held = world
        .get("/api/claims?repo=acme/web")
        .await
        .json_without_id();
    let path = crate::world::path_of(&held["claims"][0]);
    world
        .send("DELETE", &path, json!({ "agent_id": "ada" }))
        .await;
    assert_eq!(rest.event().await.event, "claim.released");
}
