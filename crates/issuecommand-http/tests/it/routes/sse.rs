//! `/sse`

use insta::assert_snapshot;
use issuecommand_testkit::http::members;
use std::time::Duration;

use issuecommand_core::ports::store::Store;
use serde_json::{Value, json};

use crate::world::{Plan, World, path_of};

fn numbers(told: &[issuecommand_testkit::http::ServerEvent]) -> Vec<Value> {
    told.iter()
        .map(|told| told.data["issue_number"].clone())
        .collect()
}

#[tokio::test]
async fn a_stream_sends_connected_and_then_events() {
    let world = World::new().await;
    world.claim("ada", 1).await;
    let end = world.store.last_event().await.unwrap();
    let mut stream = world.sse("/sse", &[]).await;
    let head = stream.head.to_lowercase();
    for header in [
        "200 ok",
        "content-type: text/event-stream",
        "cache-control: no-cache",
        "x-accel-buffering: no",
    ] {
        assert!(head.contains(header), "{head}");
    }
    let first = stream.next().await.unwrap();
    assert_eq!(
        (first.event.as_str(), &first.data["event_id"]),
        ("connected", &json!(end.to_string()))
    );
    assert!(first.data["timestamp"].as_str().unwrap().ends_with('Z'));

    let claim = world.claim("bob", 2).await;
    let told = stream.event().await;
    assert_eq!(told.event, "claim.created");
    assert_eq!(told.id.as_deref(), told.data["event_id"].as_str());
    let expected = json!({
        "event_id": told.id,
        "type": "claim.created",
        "timestamp": claim["claimed_at"],
        "claim_id": claim["claim_id"],
        "repo": "acme/api",
        "issue_number": 2,
        "agent_id": "bob",
        "details": { "idempotent": false },
    });
    assert_eq!(told.data, expected);

    let path = path_of(&claim);
    let alive = json!({ "agent_id": "bob", "status": "claimed" });
    world.send("PATCH", &path, alive).await;
    world
        .send(
            "PATCH",
            &path,
            json!({ "agent_id": "bob", "status": "in_progress", "note": "on it" }),
        )
        .await;
    world
        .send("DELETE", &path, json!({ "agent_id": "bob" }))
        .await;
    let moved = stream.event().await;
    assert_eq!(
        moved.event, "claim.updated",
        "a sign of life makes no event"
    );
    assert_snapshot!(members(&moved.data, "details.source details.note"), @r#"details.source="agent" details.note="on it""#);
    let released = stream.event().await;
    assert_eq!(released.event, "claim.released");
    let ids: Vec<i64> = [&told, &moved, &released]
        .iter()
        .map(|t| t.id.as_ref().unwrap().parse().unwrap())
        .collect();
    assert!(ids[0] < ids[1] && ids[1] < ids[2], "{ids:?}");
}

#[tokio::test]
async fn an_idle_stream_sends_pings() {
    let mut plan = Plan::default();
    plan.settings.ping = Duration::from_millis(50);
    let world = World::with(plan).await;
    let mut stream = world.sse("/sse", &[]).await;
    assert_eq!(stream.next().await.unwrap().event, "connected");
    for _ in 0..2 {
        let ping = stream.next().await.unwrap();
        assert_eq!((ping.event.as_str(), ping.id), ("ping", None));
        assert!(ping.data["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}

#[tokio::test]
async fn last_event_id_resumes_without_loss_or_duplicates() {
    let world = World::new().await;
    let mut stream = world.sse("/sse", &[]).await;
    let connected = stream.next().await.unwrap();
    let start = connected
        .id
        .expect("a reader cut off before any event can resume too");
    drop(stream);
    for number in 1..=4 {
        world.claim("ada", number).await;
    }
    let mut all = Vec::new();
    let mut stream = world.sse("/sse", &[("Last-Event-ID", &start)]).await;
    assert_eq!(stream.next().await.unwrap().data["event_id"], json!(start));
    for _ in 0..4 {
        all.push(stream.event().await);
    }
    assert_eq!(numbers(&all), [1, 2, 3, 4]);

    // In the query, if a header cannot be set; later events follow without a gap.
    let second = all[1].id.clone().unwrap();
    let mut resumed = world
        .sse(&format!("/sse?last_event_id={second}"), &[])
        .await;
    assert_eq!(resumed.next().await.unwrap().event, "connected");
    let claim = world.get("/api/claims").await.json_without_id()["claims"][0].clone();
    world
        .send("DELETE", &path_of(&claim), json!({ "agent_id": "ada" }))
        .await;
    let rest = [
        resumed.event().await,
        resumed.event().await,
        resumed.event().await,
    ];
    assert_eq!(rest[..2], all[2..]);
    assert_eq!(rest[2].event, "claim.released");
    assert_eq!(stream.event().await, rest[2]);
}

#[tokio::test]
async fn an_unknown_last_event_id_resets_to_the_end() {
    let world = World::new().await;
    world.claim("ada", 1).await;
    let end = world.store.last_event().await.unwrap().to_string();
    for id in [
        "x",
        "-1",
        "9999999",
        "99999999999999999999",
        "9f0c8b1e-0000-4000-8000-000000000000",
    ] {
        let mut stream = world.sse("/sse", &[("Last-Event-ID", id)]).await;
        let first = stream.next().await.unwrap();
        assert_eq!(first.event, "connected");
        assert_eq!(first.data["event_id"], json!(end), "{id:?}");
        let reset = stream.next().await.unwrap();
        assert_eq!((&*reset.event, reset.id.as_deref()), ("reset", Some(&*end)));
        assert_eq!(
            (&reset.data["event_id"], &reset.data["reason"]),
            (&json!(end), &json!("unknown_event_id")),
            "{id:?}"
        );
        assert_eq!(reset.data["oldest_event_id"], "1");
        assert!(reset.data["timestamp"].as_str().unwrap().ends_with('Z'));
        assert!(
            reset.data["message"]
                .as_str()
                .unwrap()
                .contains("/api/claims")
        );
    }
    let path = format!("/sse?last_event_id={}", i64::MAX);
    let mut stream = world.sse(&path, &[]).await;
    assert_eq!(stream.next().await.unwrap().event, "connected");
    assert_eq!(stream.next().await.unwrap().event, "reset");
    world.claim("ada", 2).await;
    assert_eq!(
        stream.event().await.data["issue_number"],
        2,
        "and it goes on"
    );
}

#[tokio::test]
async fn a_reader_without_missing_events_gets_no_reset() {
    let world = World::new().await;
    world.claim("ada", 1).await;
    let end = world.store.last_event().await.unwrap().to_string();
    let mut streams = Vec::new();
    for headers in [
        &[][..],
        &[("Last-Event-ID", "")],
        &[("Last-Event-ID", "  ")],
        &[("Last-Event-ID", &*end)],
    ] {
        let mut stream = world.sse("/sse", headers).await;
        assert_eq!(stream.next().await.unwrap().data["event_id"], json!(end));
        streams.push(stream);
    }
    world.claim("ada", 2).await;
    for stream in &mut streams {
        let told = stream.event().await;
        assert_eq!(
            (&*told.event, &told.data["issue_number"]),
            ("claim.created", &json!(2))
        );
    }
    let mut stream = world
        .sse("/sse?last_event_id=0", &[("Last-Event-ID", "nonsense")])
        .await;
    assert_eq!(stream.next().await.unwrap().data["event_id"], json!("0"));
    assert_eq!(
        stream.event().await.event,
        "claim.created",
        "the whole log, from before its first event"
    );
}

#[tokio::test]
async fn readers_that_fall_behind_lose_nothing() {
    let world = World::new().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(world.sse("/sse", &[]).await);
    }
    // Far more than the sockets and buffers hold for slow readers, and all of it before the first of them reads.
    let (rounds, reason) = (1_500, "x".repeat(8 * 1024));
    for _ in 0..rounds {
        let path = path_of(&world.claim("ada", 1).await);
        let reply = world
            .send(
                "DELETE",
                &path,
                json!({ "agent_id": "ada", "reason": reason }),
            )
            .await;
        assert_eq!(reply.status, 200);
    }
    for stream in &mut streams {
        let mut last: i64 = stream.event().await.id.unwrap().parse().unwrap();
        for n in 0..2 * rounds {
            let told = stream.event().await;
            let id: i64 = told.id.unwrap().parse().unwrap();
            let kind = if n % 2 == 0 {
                "claim.created"
            } else {
                "claim.released"
            };
            assert_eq!((told.event.as_str(), id > last), (kind, true), "event {n}");
            last = id;
        }
    }
}
