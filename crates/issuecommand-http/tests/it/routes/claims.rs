//! `/api/claims`, `/api/claims/:claim_id`, `/api/my-work`

use insta::assert_snapshot;
use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::IssueState;
use issuecommand_core::domain::policy::Policy;
use issuecommand_testkit::http::members;
use serde_json::{Value, json};

use crate::world::{Plan, World, path_of};

fn ask(agent: &str, number: i64) -> Value {
    json!({ "agent_id": agent, "repo": "acme/api", "issue_number": number })
}

#[tokio::test]
async fn an_issue_has_one_owner() {
    let world = World::new().await;
    let reply = world.send("POST", "/api/claims", ask("ada", 2)).await;
    let body = reply.json_without_id();
    assert_snapshot!(reply.members("ok idempotent"), @"200 ok=true idempotent=false");
    let claim = &body["claim"];
    assert_eq!(
        (
            &claim["repo"],
            &claim["issue_title"],
            &claim["issue_labels"]
        ),
        (&json!("acme/api"), &json!("Issue 2"), &json!(["bug"]))
    );
    assert!(
        claim.get("pr_url").is_none() && claim["status_history"][0].get("note").is_none(),
        "absent, never null"
    );

    let again = world.send("POST", "/api/claims", ask("ada", 2)).await;
    assert_snapshot!(again.members("idempotent"), @"200 idempotent=true");
    assert_eq!(
        again.json_without_id()["claim"]["claim_id"],
        claim["claim_id"]
    );

    let other = world.send("POST", "/api/claims", ask("bob", 2)).await;
    let body = other.json_without_id();
    assert_snapshot!(other.members("ok reason"), @r#"409 ok=false reason="already_claimed""#);
    assert_eq!(
        (&body["owner_agent_id"], &body["claim"]["claim_id"]),
        (&json!("ada"), &claim["claim_id"])
    );
    assert!(body["message"].as_str().unwrap().contains("next_issue"));
}

#[tokio::test]
async fn an_unclaimable_issue_is_refused() {
    let world = World::new().await;
    for (number, word) in [(5, "is not open"), (6, "is a pull request")] {
        let reply = world.send("POST", "/api/claims", ask("ada", number)).await;
        let body = reply.json_without_id();
        assert_eq!(
            reply.members("reason"),
            r#"409 reason="invalid_issue""#,
            "{number}"
        );
        assert!(body["message"].as_str().unwrap().contains(word), "{body}");
    }
    let reply = world.send("POST", "/api/claims", ask("ada", 77)).await;
    assert_snapshot!(reply.members("error"), @r#"404 error="issue_not_found""#);
}

#[tokio::test]
async fn a_claim_moves_from_claimed_to_closed() {
    let world = World::new().await;
    let claim = world.claim("ada", 2).await;
    let path = path_of(&claim);
    let to = async |status: &str, more: Value| {
        let mut input = json!({ "agent_id": "ada", "status": status });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let reply = world.send("PATCH", &path, input).await;
        (reply.status, reply.json_without_id())
    };
    let (status, body) = to("pr_submitted", json!({})).await;
    assert_snapshot!(format!("{status} {}", members(&body, "reason claim.status")), @r#"409 reason="invalid_transition" claim.status="claimed""#);
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("from claimed to pr_submitted") && message.contains("in_progress"),
        "{message}"
    );

    let (status, body) = to("in_progress", json!({ "note": " begun " })).await;
    assert_snapshot!(format!("{status} {}", members(&body, "ok idempotent")), @"200 ok=true idempotent=false");
    assert_eq!(body["claim"]["status_history"][1]["note"], "begun");
    assert!(body.get("issue_closed").is_none());
    let (status, body) = to("in_progress", json!({})).await;
    assert_snapshot!(format!("{status} {}", members(&body, "idempotent")), @"200 idempotent=true");
    assert_eq!(
        body["claim"]["status_history"].as_array().unwrap().len(),
        2,
        "a sign of life is no step"
    );

    let (status, body) = to("pr_submitted", json!({ "pr_url": " " })).await;
    let words = "pr_url is required when transitioning to pr_submitted";
    assert_eq!(
        (status, &body["reason"], &body["message"]),
        (409, &json!("invalid_transition"), &json!(words))
    );
    let url = "https://github.com/acme/api/pull/9";
    let (_, body) = to("pr_submitted", json!({ "pr_url": url })).await;
    assert_eq!(body["claim"]["pr_url"], url);
    assert_eq!(to("pr_merged", json!({})).await.0, 200);
    let (status, body) = to("closed", json!({})).await;
    assert_snapshot!(format!("{status} {}", members(&body, "claim.status issue_closed")), @r#"200 claim.status="closed" issue_closed=false"#);
    assert!(body.get("issue_close_error").is_none());
    assert_eq!(
        world.github.state(2),
        IssueState::Open,
        "closing was not asked for"
    );

    let (status, body) = to("in_progress", json!({})).await;
    let message = body["message"].as_str().unwrap();
    assert_snapshot!(format!("{status} {}", members(&body, "reason")), @r#"404 reason="claim_not_found""#);
    assert!(
        message.contains("was closed at ") && message.contains("Nobody holds the issue now"),
        "{message}"
    );
}

#[tokio::test]
async fn releasing_a_claim_frees_its_issue() {
    let world = World::new().await;
    let claim = world.claim("ada", 2).await;
    let path = path_of(&claim);
    for (method, input) in [
        ("DELETE", json!({ "agent_id": "bob" })),
        (
            "PATCH",
            json!({ "agent_id": "bob", "status": "in_progress" }),
        ),
    ] {
        let reply = world.send(method, &path, input).await;
        let body = reply.json_without_id();
        assert_eq!(
            reply.members("ok reason"),
            r#"409 ok=false reason="agent_mismatch""#,
            "{method}"
        );
        assert_eq!(
            (&body["owner_agent_id"], &body["claim"]["claim_id"]),
            (&json!("ada"), &claim["claim_id"])
        );
    }
    let reply = world
        .send(
            "DELETE",
            &path,
            json!({ "agent_id": "ada", "reason": "too hard" }),
        )
        .await;
    let body = reply.json_without_id();
    assert_snapshot!(reply.members("ok idempotent"), @"200 ok=true idempotent=false");
    assert_snapshot!(members(&body, "claim.status claim.status_history.1.note"), @r#"claim.status="released" claim.status_history.1.note="too hard""#);

    world.claim("bob", 2).await;
    let reply = world
        .send("DELETE", &path, json!({ "agent_id": "ada" }))
        .await;
    let body = reply.json_without_id();
    assert_snapshot!(reply.members("ok reason"), @r#"404 ok=false reason="claim_not_found""#);
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("was released at ")
            && message.contains("too hard")
            && message.contains("\"bob\""),
        "{message}"
    );

    for id in ["00000000-0000-4000-8000-000000000000", "nonsense", "7"] {
        let reply = world
            .send(
                "DELETE",
                &format!("/api/claims/{id}"),
                json!({ "agent_id": "ada" }),
            )
            .await;
        assert_eq!(
            reply.members("reason"),
            r#"404 reason="claim_not_found""#,
            "{id}"
        );
    }
}

#[tokio::test]
async fn closing_a_claim_closes_its_issue_where_configured() {
    let plan = Plan {
        policy: Policy {
            auto_close: true,
            ..Policy::default()
        },
        ..Plan::default()
    };
    let world = World::with(plan).await;
    let close = async |number: i64, fault: Option<GithubErrorKind>| {
        let path = path_of(&world.claim("ada", number).await);
        for (status, url) in [
            ("in_progress", ""),
            ("pr_submitted", "https://github.com/acme/api/pull/9"),
            ("pr_merged", ""),
        ] {
            let reply = world
                .send(
                    "PATCH",
                    &path,
                    json!({ "agent_id": "ada", "status": status, "pr_url": url }),
                )
                .await;
            assert_eq!(reply.status, 200);
        }
        world.github.fail(fault);
        let reply = world
            .send(
                "PATCH",
                &path,
                json!({ "agent_id": "ada", "status": "closed" }),
            )
            .await;
        world.github.fail(None);
        assert_eq!(reply.status, 200);
        reply.json_without_id()
    };
    let body = close(2, None).await;
    assert_eq!(
        (&body["issue_closed"], world.github.state(2)),
        (&json!(true), IssueState::Closed)
    );
    assert!(body.get("issue_close_error").is_none());
    let body = close(3, Some(GithubErrorKind::Unreachable)).await;
    assert_eq!(
        (&body["issue_closed"], world.github.state(3)),
        (&json!(false), IssueState::Open)
    );
    let words = body["issue_close_error"].as_str().unwrap();
    assert!(
        words.contains("tried again") && !words.contains("inner detail"),
        "{words}"
    );
}

#[tokio::test]
async fn claims_are_listed_by_agent_and_repository() {
    let world = World::new().await;
    for (agent, number) in [("ada", 2), ("bob", 3), ("ada", 4)] {
        world.claim(agent, number).await;
    }
    let list = async |query: &str| {
        let reply = world.get(&format!("/api/claims{query}")).await;
        assert_eq!(reply.status, 200, "{query}");
        let claims = reply.json_without_id()["claims"]
            .as_array()
            .unwrap()
            .clone();
        claims
            .iter()
            .map(|claim| claim["issue_number"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let all = {
        let mut all = list("").await;
        all.sort_unstable();
        all
    };
    assert_eq!(all, [2, 3, 4]);
    assert_eq!(list("?agent_id=bob").await, [3]);
    assert_eq!(list("?agent_id=BOB").await, [0; 0], "compared byte by byte");
    assert_eq!(
        list("?repo=ACME/api&status=claimed&agent_id=bob").await,
        [3]
    );
    assert_eq!(list("?repo=acme%2Fweb").await, [0; 0]);
    assert_eq!(list("?status=stale").await, [0; 0]);
    assert_eq!(
        list("?agent_id=&repo=%20&status=").await.len(),
        3,
        "blank is absent"
    );
    for query in [
        "?status=open",
        "?status=Claimed",
        "?repo=acme",
        "?agent_id=a%00b",
        "?agent_id=%ff",
    ] {
        let reply = world.get(&format!("/api/claims{query}")).await;
        assert_eq!(
            reply.members("error"),
            r#"400 error="request_failed""#,
            "{query}"
        );
    }

    let work = world
        .get("/api/my-work?agent_id=ada")
        .await
        .json_without_id();
    assert_eq!(work["work"]["claims"].as_array().unwrap().len(), 2);
    assert_eq!(work["work"]["followups"], json!([]));
    for query in ["", "?agent_id=", "?agent_id=%20", "?agent=ada"] {
        let reply = world.get(&format!("/api/my-work{query}")).await;
        assert_eq!(
            reply.members("error"),
            r#"400 error="request_failed""#,
            "{query}"
        );
    }
}
