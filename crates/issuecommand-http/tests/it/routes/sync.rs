//! `POST /api/sync`, and its results in health.

use insta::assert_snapshot;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::sync::SyncFault;
use issuecommand_core::ports::store::Store;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{agent, create_key, finish_sync, new_key, repo};
use issuecommand_testkit::http::members;
use serde_json::{Value, json};

use crate::world::World;

async fn post_as(world: &World, key: &str, body: Value) -> (u16, Value) {
    let token = format!("Bearer {key}");
    let headers = [("Authorization", token.as_str())];
    let reply = world
        .send_bytes("POST", "/api/sync", &headers, body.to_string().as_bytes())
        .await;
    (reply.status, reply.json_without_id())
}

#[tokio::test]
async fn a_sync_reports_its_counts_and_failures() {
    let world = World::new().await;
    let reply = world.send("POST", "/api/sync", json!({})).await;
    assert_eq!(reply.status, 200);
    let told = reply.json_without_id();
    assert_eq!(
        (&told["ok"], &told["repos_scanned"], &told["sync_failures"]),
        (&json!(true), &json!(2), &json!([]))
    );
    let one = json!({ "repo": "ACME/api", "full": true });
    let reply = world.send("POST", "/api/sync", one).await;
    assert_snapshot!(reply.members("repos_scanned"), @"200 repos_scanned=1");
    world.github.fail(Some(GithubErrorKind::Unreachable));
    let reply = world.send("POST", "/api/sync", json!({})).await;
    assert_eq!(reply.status, 200);
    let failures = reply.json_without_id()["sync_failures"].clone();
    let failures = failures.as_array().unwrap();
    assert_eq!(failures.len(), 3, "both repositories and the list of them");
    assert!(failures.iter().all(|failure| failure["reason"].is_string()));
    let health = &world.get("/api/health").await.json_without_id()["health"];
    let listed = health["sync_failures"].as_array().unwrap();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|failure| failure["since"].is_string()));
}

#[tokio::test]
async fn invalid_parameters_are_rejected() {
    let world = World::new().await;
    for (body, status) in [
        (json!({ "repo": "acme" }), 400),
        (json!({ "repo": "acme/unknown" }), 200),
    ] {
        let reply = world.send("POST", "/api/sync", body.clone()).await;
        assert_eq!(reply.status, status, "{body}");
    }
    let reply = world
        .send("POST", "/api/sync", json!({ "repo": "acme/unknown" }))
        .await;
    assert_eq!(
        reply.json_without_id()["sync_failures"][0]["repo"],
        "acme/unknown"
    );
    assert_eq!(
        world.send("GET", "/api/sync", Value::Null).await.status,
        404
    );
}

#[tokio::test]
async fn a_sync_needs_a_full_key_or_only_the_keys_own_repositories() {
    let world = World::new().await;
    let keys = [
        NewKey {
            read_only: true,
            ..new_key("reads", 1)
        },
        NewKey {
            agent: Some(agent("ann")),
            ..new_key("ann", 2)
        },
        NewKey {
            scope: issuecommand_core::domain::access::Scope::Only([repo("acme/web")].into()),
            ..new_key("web", 3)
        },
    ];
    for new in keys {
        let hash = secret_hash(format!("ick_{}", new.name).as_bytes());
        let made = create_key(NewKey { hash, ..new });
        world.store.transact(made).await.unwrap();
    }
    for (key, error) in [
        ("ick_reads", "read_only_key"),
        ("ick_ann", "agent_not_allowed"),
    ] {
        let (status, told) = post_as(&world, key, json!({})).await;
        assert_eq!((status, &told["error"]), (403, &json!(error)), "{key}");
    }
    let (status, told) = post_as(&world, "ick_web", json!({ "repo": "acme/api" })).await;
    assert_snapshot!(format!("{status} {}", members(&told, "error")), @r#"403 error="repo_not_allowed""#);
    let (status, told) = post_as(&world, "ick_web", json!({})).await;
    assert_snapshot!(format!("{status} {}", members(&told, "repos_scanned")), @"200 repos_scanned=1");
    assert_eq!(post_as(&world, "wrong", json!({})).await.0, 401);
}

#[tokio::test]
async fn health_names_repositories_that_cannot_be_read() {
    let world = World::new().await;
    let faults = [
        SyncFault::new(None, None, "GitHub: 401"),
        SyncFault::new(Some(&repo("acme/api")), IssueNumber::new(7), "no title"),
    ];
    let finish = finish_sync(
        issuecommand_core::domain::event::SyncStats::default(),
        &faults,
    );
    world.store.transact(finish).await.unwrap();
    let health = &world.get("/api/health").await.json_without_id()["health"];
    let failures = &health["sync_failures"];
    assert_snapshot!(members(failures, "0.repo 0.number 0.reason"), @r#"0.repo="acme/api" 0.number=7 0.reason="no title""#);
    assert_eq!(
        (failures[1].get("repo"), &failures[1]["reason"]),
        (None, &json!("GitHub: 401"))
    );
}
