//! `/api/next`, `/api/next-work`

use insta::assert_snapshot;
use issuecommand_testkit::http::members;
use serde_json::{Value, json};

use crate::world::{BEARER, World};

#[tokio::test]
async fn next_gives_distinct_issues_by_priority() {
    let world = World::new().await;
    for expected in [3, 2, 4, 1] {
        let reply = world
            .send("POST", "/api/next", json!({ "agent_id": "ada" }))
            .await;
        let body = reply.json_without_id();
        assert_eq!(
            reply.members("ok idempotent"),
            "200 ok=true idempotent=false"
        );
        assert_eq!(
            (&body["issue"]["number"], &body["claim"]["issue_number"]),
            (&json!(expected), &json!(expected))
        );
        assert_eq!(
            members(&body, "claim.agent_id claim.status"),
            r#"claim.agent_id="ada" claim.status="claimed""#
        );
    }
    for path in ["/api/next", "/api/next-work"] {
        let reply = world.send("POST", path, json!({ "agent_id": "ada" })).await;
        let nothing = json!({ "ok": false, "reason": "invalid_issue", "message": "No eligible unclaimed issues found" });
        let mut told = reply.json_without_id();
        let why = told["why"].take();
        told.as_object_mut().unwrap().remove("why");
        let also = told.as_object_mut().unwrap().remove("also_yours");
        assert!(also.is_some_and(|also| !also.as_array().unwrap().is_empty()));
        assert_eq!((reply.status, told), (409, nothing), "{path}");
        let held = &why["reasons"][0];
        assert_eq!(
            (&why["ready"], &held["reason"]),
            (&json!(0), &json!("held"))
        );
        assert_eq!(held["count"], why["considered"], "{why}");
        assert_eq!(held["example"]["message"], "\"ada\" works on it");
    }
}

#[tokio::test]
async fn next_work_returns_an_issue_with_kind_issue() {
    let world = World::new().await;
    let input =
        json!({ "agent_id": "ada", "repo": "acme/api", "label": "bug", "milestone": "First Cut" });
    let reply = world.send("POST", "/api/next-work", input.clone()).await;
    let body = reply.json_without_id();
    assert_snapshot!(reply.members("kind issue.number"), @r#"200 kind="issue" issue.number=2"#);
    let mut fields: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["chosen_because", "claim", "issue", "kind", "ok"]);
    assert_snapshot!(
        reply.members("chosen_because.rank chosen_because.rank_source"),
        @r#"200 chosen_because.rank="medium" chosen_because.rank_source="none""#
    );
    assert_eq!(
        world.send("POST", "/api/next", input).await.status,
        409,
        "nothing else fits"
    );
    let elsewhere = world
        .send(
            "POST",
            "/api/next",
            json!({ "agent_id": "ada", "repo": "acme/web" }),
        )
        .await;
    assert_eq!(elsewhere.status, 409);
}

#[tokio::test]
async fn the_same_key_gets_the_same_issue() {
    let world = World::new().await;
    let ask = async |path: &str, key: &str, input: Value| {
        let body = serde_json::to_vec(&input).unwrap();
        let reply = world
            .send_bytes("POST", path, &[BEARER, ("Idempotency-Key", key)], &body)
            .await;
        (reply.status, reply.json_without_id())
    };
    let ada = json!({ "agent_id": "ada" });
    let (_, first) = ask("/api/next", "k1", ada.clone()).await;
    let (_, again) = ask("/api/next", "k1", ada.clone()).await;
    let (_, other) = ask("/api/next", "k2", ada.clone()).await;
    assert_eq!(first["claim"]["claim_id"], again["claim"]["claim_id"]);
    assert_ne!(first["claim"]["claim_id"], other["claim"]["claim_id"]);
    for (path, input) in [
        ("/api/next-work", ada),
        ("/api/next", json!({ "agent_id": "ada", "label": "bug" })),
    ] {
        let (status, body) = ask(path, "k1", input).await;
        assert_eq!(
            format!("{status} {}", members(&body, "reason")),
            r#"409 reason="idempotency_mismatch""#,
            "{path}"
        );
    }
    let (status, body) = ask("/api/next", &"k".repeat(201), json!({ "agent_id": "ada" })).await;
    assert_snapshot!(format!("{status} {}", members(&body, "error")), @r#"400 error="request_failed""#);
}

#[tokio::test]
async fn every_issue_goes_to_one_agent() {
    let world = std::sync::Arc::new(World::new().await);
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move {
                world
                    .send(
                        "POST",
                        "/api/next",
                        json!({ "agent_id": format!("agent-{n}") }),
                    )
                    .await
            })
        })
        .collect();
    let (mut given, mut refused) = (Vec::new(), 0);
    for task in tasks {
        let reply = task.await.unwrap();
        match reply.status {
            200 => given.push(reply.json_without_id()["issue"]["number"].as_i64().unwrap()),
            409 => refused += 1,
            _ => panic!("{reply:?}"),
        }
    }
    given.sort_unstable();
    assert_eq!((given, refused), (vec![1, 2, 3, 4], 12));
}
