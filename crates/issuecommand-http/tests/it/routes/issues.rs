//! `/api/repos`, `/api/repos/:owner/:repo/issues`, `/api/issues/:owner/:repo/:number`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::World;
use issuecommand_testkit::http::Response;

fn counts(reply: &Response) -> Vec<(String, i64)> {
    let repos = reply.json_without_id()["repos"].as_array().unwrap().clone();
    let count = |repo: &Value| {
        (
            repo["full_name"].as_str().unwrap().to_owned(),
            repo["open_issue_count"].as_i64().unwrap(),
        )
    };
    repos.iter().map(count).collect()
}

#[tokio::test]
async fn repositories_are_listed_by_name_with_optional_counts() {
    let world = World::new().await;
    let (api, web) = ("acme/api".to_owned(), "acme/web".to_owned());
    let quick = world.get("/api/repos?include_counts=false").await;
    assert_eq!(
        counts(&quick),
        [(api.clone(), 9), (web.clone(), 9)],
        "GitHub's count, before anything is synced"
    );
    let expected = json!({
        "full_name": "acme/api",
        "owner": "acme",
        "name": "api",
        "url": "https://github.com/acme/api",
        "private": false,
        "open_issue_count": 9,
    });
    assert_eq!(quick.json_without_id()["repos"][0], expected);
    for query in [
        "",
        "?include_counts=",
        "?include_counts=0",
        "?include_counts=no",
        "?include_counts=true",
    ] {
        let reply = world.get(&format!("/api/repos{query}")).await;
        assert_eq!(
            counts(&reply),
            [(api.clone(), 4), (web.clone(), 0)],
            "{query}"
        );
    }
}

async fn numbers(world: &World, query: &str) -> Vec<i64> {
    let reply = world
        .get(&format!("/api/repos/Acme/API/issues{query}"))
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json_without_id()["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["number"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn open_unclaimed_issues_are_filtered() {
    let world = World::new().await;
    assert_eq!(
        numbers(&world, "").await,
        [3, 2, 4, 1],
        "the most urgent first, then the oldest"
    );
    assert_eq!(numbers(&world, "?label=bug").await, [3, 2]);
    assert_eq!(
        numbers(&world, "?label=BUG,%20p1,").await,
        [3],
        "all of them"
    );
    assert_eq!(numbers(&world, "?milestone=first+cut").await, [2]);
    assert_eq!(numbers(&world, "?milestone=9&label=bug").await, [2]);
    assert_eq!(numbers(&world, "?milestone=8").await, [0; 0]);
    assert_eq!(
        numbers(&world, "?label=&milestone=%20&label=x").await,
        [3, 2, 4, 1],
        "blank is absent, the first counts"
    );
    world.claim("ada", 3).await;
    assert_eq!(numbers(&world, "").await, [2, 4, 1]);
}

#[tokio::test]
async fn what_is_not_handed_out_says_why() {
    let world = World::new().await;
    world.github.keep_for(3, "No-Agent", "kim");
    assert_eq!(numbers(&world, "").await, [2, 4, 1, 3]);
    assert_eq!(numbers(&world, "?ready=true").await, [2, 4, 1]);
    assert_eq!(numbers(&world, "?ready=false").await, [3]);
    assert_eq!(numbers(&world, "?ready=false&label=p3").await, [0; 0]);
    let listed = world.get("/api/repos/acme/api/issues?ready=false").await;
    let issue = &listed.json_without_id()["issues"][0];
    assert_eq!(issue["not_ready"], json!(["assigned", "excluded_label"]));
    let asked = world.get("/api/issues/acme/api/3/readiness").await;
    let expected = json!({
        "repo": "acme/api",
        "issue_number": 3,
        "ready": false,
        "rank": "high",
        "rank_source": "label P1",
        "reasons": [
            {
                "reason": "assigned",
                "message": "@kim is assigned to it, who is none of AGENT_LOGINS",
                "hard": false,
            },
            {
                "reason": "excluded_label",
                "message": "It has the label \"No-Agent\", which READY_EXCLUDE_LABELS names",
                "hard": false,
            },
        ],
    });
    assert_eq!(asked.json_without_id()["readiness"], expected);
    let next = world
        .send("POST", "/api/next", json!({"agent_id": "ada"}))
        .await;
    assert_eq!(next.json_without_id()["issue"]["number"], 2);
    let body = json!({"agent_id": "bob", "repo": "acme/api", "issue_number": 3});
    let claimed = world.send("POST", "/api/claims", body).await;
    assert_eq!(claimed.status, 200, "{claimed:?}");
    let warnings = &claimed.json_without_id()["warnings"];
    assert_eq!(
        warnings[0],
        "acme/api#3 is yours, but is not handed out by itself: @kim is assigned to it, who is none of AGENT_LOGINS (assigned)"
    );
    let missing = world.get("/api/issues/acme/api/77/readiness").await;
    assert_eq!(missing.status, 404, "{missing:?}");
}

#[tokio::test]
async fn an_issue_is_shown_with_its_comments() {
    let world = World::new().await;
    let reply = world.get("/api/issues/acme/api/2").await;
    let expected = json!({
        "issue": {
            "repo": "acme/api",
            "number": 2,
            "title": "Issue 2",
            "body": "Do it",
            "state": "open",
            "labels": ["bug"],
            "assignees": [],
            "milestone": "First Cut",
            "comments": [{ "author": "bob", "body": "About 2", "created_at": "2026-01-01T00:00:00Z" }],
            "comments_count": 1,
            "created_at": "2026-01-01T00:00:02Z",
            "updated_at": "2026-01-01T00:00:02Z",
            "url": "https://github.com/acme/api/issues/2",
            "author": "octo",
            "priority": "medium",
        }
    });
    assert_eq!((reply.status, reply.json_without_id()), (200, expected));
    let closed = world.get("/api/issues/acme/api/5").await;
    assert_snapshot!(closed.members("issue.state"), @r#"200 issue.state="closed""#);
}

#[tokio::test]
async fn an_issue_hidden_by_github_is_not_found() {
    let world = World::new().await;
    for path in [
        "/api/issues/acme/api/77",
        "/api/issues/acme/api/6",
        "/api/issues/acme/gone/1",
        "/api/repos/acme/gone/issues",
    ] {
        let reply = world.get(path).await;
        let body = reply.json_without_id();
        assert_eq!(
            reply.members("ok error"),
            r#"404 ok=false error="issue_not_found""#,
            "{path}"
        );
        assert!(
            body["message"]
                .as_str()
                .unwrap()
                .starts_with("GitHub shows no "),
            "{path}"
        );
    }
}
