//! `/api/followups`, and feedback in `/api/next-work` and `/api/my-work`.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BEARER, HOOK, Plan, World};
use issuecommand_testkit::http::{Response, members};

/// Delivers feedback on a pull request of `acme/api`. Returns the follow-up that holds it.
async fn said(world: &World, event: &str, pull: i64, id: i64) -> Value {
    let body = json!({ "pull": pull, "id": id, "body": format!("Say {id}") }).to_string();
    let headers = [BEARER, ("X-GitHub-Event", event)];
    let reply = world
        .send_bytes("POST", HOOK, &headers, body.as_bytes())
        .await;
    assert_eq!(reply.status, 202, "{reply:?}");
    reply.json_without_id()["work_item_id"].clone()
}

async fn next(world: &World, agent: &str) -> Value {
    let reply = world
        .send("POST", "/api/next-work", json!({ "agent_id": agent }))
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json_without_id()
}

async fn moved(world: &World, item: &Value, input: Value) -> Response {
    world
        .send(
            "PATCH",
            &format!("/api/followups/{}", item.as_str().unwrap()),
            input,
        )
        .await
}

async fn ids(world: &World, query: &str) -> Vec<Value> {
    let reply = world.get(&format!("/api/followups{query}")).await;
    assert_eq!(reply.status, 200, "{query} {reply:?}");
    let told = reply.json_without_id();
    let items = told["followups"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["work_item_id"].clone())
        .collect()
}

#[tokio::test]
async fn feedback_comes_before_issues_the_most_urgent_first() {
    let world = World::new().await;
    let comment = said(&world, "issue_comment", 11, 1).await;
    let line = said(&world, "pull_request_review_comment", 12, 2).await;
    let review = said(&world, "pull_request_review", 13, 3).await;
    assert_eq!(
        ids(&world, "").await,
        [review.clone(), line.clone(), comment.clone()]
    );
    for (agent, expected) in [("ada", &review), ("bob", &line), ("eve", &comment)] {
        let given = next(&world, agent).await;
        let item = &given["work_item"];
        assert_eq!(members(&given, "ok kind"), r#"ok=true kind="pr_followup""#);
        assert_eq!(
            (&item["work_item_id"], &item["status"]),
            (expected, &json!("claimed"))
        );
        assert_eq!(item["claimed_by_agent_id"], agent);
        assert!(
            given.get("claim").is_none() && given.get("issue").is_none(),
            "{given}"
        );
    }
    assert_eq!(next(&world, "ada").await["kind"], "issue");
}

#[tokio::test]
async fn filters_narrow_the_list_and_invalid_ones_are_400() {
    let world = World::new().await;
    let one = said(&world, "issue_comment", 11, 1).await;
    let two = said(&world, "pull_request_review", 12, 2).await;
    assert_eq!(next(&world, "ada").await["work_item"]["work_item_id"], two);
    for (query, expected) in [
        ("?repo=ACME/api", vec![&two, &one]),
        ("?repo=acme/web", vec![]),
        ("?status=queued", vec![&one]),
        ("?status=claimed", vec![&two]),
        ("?status=done", vec![]),
        ("?claimed_by_agent_id=ada", vec![&two]),
        ("?claimed_by_agent_id=bob", vec![]),
        ("?pr_number=11", vec![&one]),
        ("?pr_number=+12+&status=", vec![&two]),
        ("?pr_number=11&status=claimed", vec![]),
        ("?pr_number=&unknown=x", vec![&two, &one]),
    ] {
        let found = ids(&world, query).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for (query, field) in [
        ("?status=open", "status"),
        ("?status=QUEUED", "status"),
        ("?pr_number=x", "pr_number"),
        ("?pr_number=0", "pr_number"),
        ("?pr_number=-1", "pr_number"),
        ("?pr_number=1.5", "pr_number"),
        ("?pr_number=99999999999999999999", "pr_number"),
        ("?repo=acme", "repo"),
        ("?claimed_by_agent_id=a%07b", "claimed_by_agent_id"),
    ] {
        let reply = world.get(&format!("/api/followups{query}")).await;
        let told = reply.json_without_id();
        assert_eq!(
            reply.members("error"),
            r#"400 error="request_failed""#,
            "{query}"
        );
        assert!(
            told["message"].as_str().unwrap().starts_with(field),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_followup_moves_from_queued_to_done() {
    let world = World::new().await;
    let item = said(&world, "issue_comment", 11, 1).await;
    let given = next(&world, "ada").await;
    let mine = world
        .get("/api/my-work?agent_id=ada")
        .await
        .json_without_id();
    assert_eq!(
        mine["work"],
        json!({ "claims": [], "followups": [given["work_item"]] })
    );

    let input = json!({ "agent_id": "ada", "status": "in_progress", "note": "on it" });
    let begun = moved(&world, &item, input.clone()).await;
    let told = begun.json_without_id();
    assert_snapshot!(begun.members("ok idempotent"), @"200 ok=true idempotent=false");
    assert_eq!(told["work_item"]["status_history"][2]["note"], "on it");
    let again = moved(&world, &item, input).await.json_without_id();
    assert_snapshot!(members(&again, "ok idempotent"), @"ok=true idempotent=true");
    assert_eq!(
        again["work_item"]["status_history"],
        told["work_item"]["status_history"]
    );

    let done = moved(
        &world,
        &item,
        json!({ "agent_id": "ada", "status": "done" }),
    )
    .await;
    let told = done.json_without_id();
    assert_snapshot!(done.members("work_item.status"), @r#"200 work_item.status="done""#);
    assert!(told["work_item"]["done_at"].is_string());
    assert_eq!(told["work_item"]["sources"][0]["ended"], "answered");
    let gone = moved(
        &world,
        &item,
        json!({ "agent_id": "ada", "status": "in_progress" }),
    )
    .await;
    assert_snapshot!(gone.members("reason"), @r#"404 reason="not_found""#);
    assert_eq!(ids(&world, "").await.len(), 0);
    let mine = world
        .get("/api/my-work?agent_id=ada")
        .await
        .json_without_id();
    assert_eq!(mine["work"]["followups"], json!([]));
}

#[tokio::test]
async fn a_note_given_with_dismissed_is_its_reason() {
    let world = World::new().await;
    let item = said(&world, "issue_comment", 11, 1).await;
    next(&world, "ada").await;
    let input =
        json!({ "agent_id": "ada", "status": "dismissed", "note": "a question to somebody else" });
    let told = moved(&world, &item, input).await.json_without_id();
    assert_eq!(
        told["work_item"]["dismiss_reason"],
        "a question to somebody else"
    );
}

#[tokio::test]
async fn every_refusal_of_a_followup_update() {
    let world = World::new().await;
    let item = said(&world, "issue_comment", 11, 1).await;
    let take = |agent: &str, status: &str| json!({ "agent_id": agent, "status": status });

    // Unheld: it may be claimed, never ended.
    for status in ["done", "dismissed", "stale"] {
        let no = moved(&world, &item, take("bob", status)).await;
        let told = no.json_without_id();
        assert_eq!(
            no.members("ok reason"),
            r#"409 ok=false reason="invalid_transition""#
        );
        assert_eq!(told["allowed_statuses"], json!(["claimed", "in_progress"]));
        assert_eq!(told["work_item"]["status"], "queued");
    }
    assert_eq!(
        moved(&world, &item, take("ada", "claimed")).await.status,
        200
    );

    // Held by another agent, which is checked first; the same for all others on the pull request.
    let second = said(&world, "issue_comment", 11, 2).await;
    assert_ne!(second, item);
    for item in [&item, &second] {
        for status in ["claimed", "in_progress", "done", "queued"] {
            let no = moved(&world, item, take("bob", status)).await;
            let told = no.json_without_id();
            assert_eq!(
                no.members("reason"),
                r#"409 reason="agent_mismatch""#,
                "{status}"
            );
            assert_eq!(
                members(&told, "owner_agent_id ok"),
                r#"owner_agent_id="ada" ok=false"#
            );
            assert_eq!(&told["work_item"]["work_item_id"], item);
        }
    }
    assert_eq!(next(&world, "bob").await["kind"], "issue");
    assert_eq!(
        next(&world, "ada").await["work_item"]["work_item_id"],
        second
    );

    let no = moved(&world, &item, take("ada", "queued"))
        .await
        .json_without_id();
    assert_eq!(
        (&no["reason"], &no["allowed_statuses"]),
        (
            &json!("invalid_transition"),
            &json!(["in_progress", "done", "dismissed", "stale"])
        )
    );
    for id in ["00000000-0000-4000-8000-000000000000", "no-uuid"] {
        let no = moved(&world, &json!(id), take("ada", "done")).await;
        let told = no.json_without_id();
        assert_eq!(
            no.members("ok reason"),
            r#"404 ok=false reason="not_found""#
        );
        assert!(told["message"].as_str().unwrap().contains(id), "{told}");
    }
    for (input, field) in [
        (json!({ "status": "done" }), "agent_id"),
        (json!({ "agent_id": "ada" }), "status"),
        (json!({ "agent_id": "ada", "status": "closed" }), "status"),
    ] {
        let no = moved(&world, &item, input).await;
        let told = no.json_without_id();
        assert_eq!(no.members("error"), r#"400 error="request_failed""#);
        assert!(
            told["message"].as_str().unwrap().starts_with(field),
            "{told}"
        );
    }
}

#[tokio::test]
async fn feedback_on_one_pull_request_coalesces_unless_configured_otherwise() {
    for (coalesce, items) in [(true, 1), (false, 3)] {
        let mut plan = Plan::default();
        plan.policy.coalesce = coalesce;
        let world = World::with(plan).await;
        said(&world, "issue_comment", 11, 1).await;
        said(&world, "pull_request_review", 11, 2).await;
        said(&world, "issue_comment", 11, 3).await;
        let all = world.get("/api/followups").await.json_without_id();
        let all = all["followups"].as_array().unwrap();
        assert_eq!(all.len(), items);
        if coalesce {
            assert_eq!(all[0]["source_event_id"], "issue_comment:1");
            assert_eq!(all[0]["source_event_type"], "review_changes_requested");
            assert_eq!(
                all[0]["actionable_comments"],
                json!(["Say 1", "Say 2", "Say 3"])
            );
            assert_eq!(
                all[0]["summary"],
                "1 changes-requested review, 2 pull request comments"
            );
        }
    }
}
