//! Failures that the caller did not cause.

use insta::assert_snapshot;
use std::collections::BTreeSet;
use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::store::Store;
use serde_json::json;

use crate::world::{Plan, World};

#[tokio::test]
async fn an_unreachable_github_is_503_with_retry_after() {
    let world = World::new().await;
    for (kind, wait) in [
        (GithubErrorKind::Limited, "62"),
        (GithubErrorKind::Unreachable, "30"),
        (GithubErrorKind::Refused, "30"),
    ] {
        world.github.fail(Some(kind));
        let replies = [
            world.get("/api/repos").await,
            world.get("/api/issues/acme/api/1").await,
            world
                .send("POST", "/api/next", json!({ "agent_id": "ada" }))
                .await,
            world
                .send(
                    "POST",
                    "/api/claims",
                    json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": 1 }),
                )
                .await,
        ];
        for reply in replies {
            let body = reply.json_without_id();
            assert_eq!(
                reply.members("ok error"),
                r#"503 ok=false error="github_unavailable""#
            );
            assert_eq!(reply.header("retry-after"), Some(wait), "{kind:?} {body}");
            assert!(!body.to_string().contains("inner detail"), "{body}");
        }
    }
    world.github.fail(None);
    world.claim("ada", 1).await;
}

#[tokio::test]
async fn a_repository_outside_the_scope_is_refused() {
    let allowed = Scope::Only(BTreeSet::from([RepoName::parse("acme/web").unwrap()]));
    let world = World::with(Plan {
        allowed,
        ..Plan::default()
    })
    .await;
    let ask = json!({ "agent_id": "ada", "repo": "acme/api", "issue_number": 1 });
    let replies = [
        world.get("/api/repos/acme/api/issues").await,
        world.get("/api/issues/acme/api/1").await,
        world.send("POST", "/api/claims", ask.clone()).await,
        world.send("POST", "/api/next", ask.clone()).await,
        world.send("POST", "/api/next-work", ask).await,
    ];
    for reply in replies {
        assert_eq!(reply.members("error"), r#"403 error="repo_not_allowed""#);
    }
    let repos = world.get("/api/repos").await.json_without_id();
    assert_eq!(repos["repos"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_over_its_time_limit_is_503_and_continues() {
    let mut plan = Plan::default();
    plan.settings.call_timeout = Duration::from_millis(100);
    let world = World::with(plan).await;
    let closed = world.github.gate.lock().await;
    let reply = world
        .send("POST", "/api/next", json!({ "agent_id": "ada" }))
        .await;
    let body = reply.json_without_id();
    assert_snapshot!(reply.members("error"), @r#"503 error="github_unavailable""#);
    assert!(body["message"].as_str().unwrap().contains("get_my_work"));
    drop(closed);
    let mut claims = 0;
    for _ in 0..100 {
        claims = world.store.health(&Scope::All).await.unwrap().active_claims;
        if claims > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(claims, 1);
}

#[tokio::test]
async fn an_internal_error_shows_no_details() {
    let world = World::new().await;
    let reply = world.get("/api/issues/acme/api/13").await;
    let expected = json!({
        "ok": false,
        "error": "internal_error",
        "message": "An unexpected server error occurred",
    });
    assert_eq!((reply.status, reply.json_without_id()), (500, expected));
    assert_eq!(
        world.get("/api/issues/acme/api/1").await.status,
        200,
        "the next request is served"
    );
}
