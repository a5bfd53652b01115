//! Review feedback through the tools: successes and refusals.

use serde_json::json;

use crate::answers::checked;
use crate::world::github::HOSTILE;

#[tokio::test]
async fn feedback_from_the_comment_to_done() {
    let (world, tools) = checked().await;
    let id = world.comment(7, 1, HOSTILE).await;
    let all = tools.ask("get_followups", json!({})).await;
    assert_eq!(all["followups"][0]["work_item_id"], json!(id));
    assert_eq!(all["followups"][0]["status"], "queued");

    let given = tools.ask("next_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(
        (&given["ok"], &given["kind"]),
        (&json!(true), &json!("pr_followup"))
    );
    assert!(given.get("claim").is_none() && given.get("issue").is_none());
    let item = &given["work_item"];
    assert_eq!(item["claimed_by_agent_id"], "ann");
    // The text stands in the sources alone.
    assert_eq!(item.get("actionable_comments"), None);
    assert_eq!(item["sources"][0]["requested_by"], "rita");
    let mine = tools.ask("get_my_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(mine["work"]["followups"], json!([item]));

    let say = |status: &str| json!({ "agent_id": "ann", "work_item_id": id, "status": status });
    let begun = tools
        .ask("update_followup_status", say("in_progress"))
        .await;
    assert_eq!(
        (&begun["ok"], &begun["idempotent"]),
        (&json!(true), &json!(false))
    );
    let alive = tools
        .ask("update_followup_status", say("in_progress"))
        .await;
    assert_eq!(alive["idempotent"], true);
    assert_eq!(
        (
            &alive["work_item_id"],
            &alive["status"],
            &alive["work_item"]
        ),
        (&json!(id), &json!("in_progress"), &json!(null))
    );
    let done = tools.ask("update_followup_status", say("done")).await;
    assert_eq!(done["work_item"]["status"], "done");

    let gone = tools.ask("update_followup_status", say("done")).await;
    assert_eq!(
        (&gone["ok"], &gone["reason"]),
        (&json!(false), &json!("not_found"))
    );
    let all = tools.ask("get_followups", json!({})).await;
    assert_eq!(all, json!({ "followups": [] }));
    let next = tools.ask("next_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(next["kind"], "issue");
}

#[tokio::test]
async fn one_agent_at_a_time_holds_a_pull_request() {
    let (world, tools) = checked().await;
    let first = world.comment(7, 1, "One").await;
    let say = |agent: &str, id: &str, status: &str| json!({ "agent_id": agent, "work_item_id": id, "status": status });
    let no = tools
        .ask("update_followup_status", say("bob", &first, "done"))
        .await;
    assert_eq!(no["reason"], "invalid_transition");
    assert_eq!(no["allowed_statuses"], json!(["claimed", "in_progress"]));
    let taken = tools
        .ask("update_followup_status", say("ann", &first, "claimed"))
        .await;
    assert_eq!(taken["work_item"]["claimed_by_agent_id"], "ann");

    let second = world.comment(7, 2, "Two").await;
    assert_ne!(second, first);
    for id in [&first, &second] {
        let no = tools
            .ask("update_followup_status", say("bob", id, "in_progress"))
            .await;
        assert_eq!(
            (&no["ok"], &no["reason"], &no["owner_agent_id"]),
            (&json!(false), &json!("agent_mismatch"), &json!("ann"))
        );
        assert_eq!(no["work_item"]["work_item_id"], json!(id));
    }
    let bobs = tools.ask("next_work", json!({ "agent_id": "bob" })).await;
    assert_eq!(bobs["kind"], "issue");
    let anns = tools.ask("next_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(anns["work_item"]["work_item_id"], json!(second));

    for id in ["00000000-0000-4000-8000-000000000000", "no uuid"] {
        let no = tools
            .ask("update_followup_status", say("ann", id, "done"))
            .await;
        assert_eq!(
            (&no["ok"], &no["reason"]),
            (&json!(false), &json!("not_found"))
        );
    }
}

#[tokio::test]
async fn followup_filters_narrow_the_list() {
    let (world, tools) = checked().await;
    let one = world.comment(7, 1, "One").await;
    let two = world.comment(8, 2, "Two").await;
    tools.ask("next_work", json!({ "agent_id": "ann" })).await;
    for (filter, expected) in [
        (json!({ "repo": "ACME/api" }), vec![&one, &two]),
        (json!({ "pr_number": 8 }), vec![&two]),
        (json!({ "status": "claimed" }), vec![&one]),
        (json!({ "claimed_by_agent_id": "ann" }), vec![&one]),
        (
            json!({ "claimed_by_agent_id": "ann", "pr_number": 8 }),
            vec![],
        ),
    ] {
        let found = tools.ask("get_followups", filter.clone()).await;
        let ids: Vec<&str> = found["followups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["work_item_id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, expected, "{filter}");
    }
    let health = tools.ask("system_health", json!({})).await;
    assert_eq!(health["health"]["open_followups"], 2);
}
