//! Ended rows can be queried by status, and responses show what GitHub did meanwhile.

use issuecommand_github_emulator::{NewComment, NewIssue, NewPull};
use serde_json::{Value, json};

use crate::world::{API, Http, Mcp, Setup, StoreKind, github_with};

on_each_store!(
    claims_that_ended_are_listed_by_their_status,
    followups_that_ended_are_listed_by_their_status,
);

/// The agent ends its claim over HTTP or MCP; returns the last response.
async fn finished(setup: &Setup, http: &Http, mcp: Option<&Mcp>, n: i64) -> Value {
    let claim = setup.held(API, n).await.unwrap();
    let path = format!("/api/claims/{}", claim.id);
    let mut last = Value::Null;
    for status in ["in_progress", "pr_submitted", "pr_merged", "closed"] {
        let mut input =
            json!({ "agent_id": "ann", "status": status, "claim_id": claim.id.to_string() });
        if status == "pr_submitted" {
            input["pr_url"] = json!("https://example.com/a-change");
        }
        last = if let Some(mcp) = mcp {
            let (failed, told) = mcp.call("update_claim_status", &input).await;
            assert!(!failed, "{told}");
            told
        } else {
            let reply = http.json("PATCH", &path, &input).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            reply.body
        };
    }
    last
}

fn numbers(list: &Value) -> Vec<i64> {
    let rows = list["claims"].as_array().unwrap().iter();
    rows.filter_map(|row| row["issue_number"].as_i64())
        .collect()
}

async fn claims_that_ended_are_listed_by_their_status(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(5)).await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    for (n, over, on_github) in [
        (1, None, true),
        (2, Some(&mcp), true),
        (3, None, false),
        (4, Some(&mcp), false),
    ] {
        setup.pass(issuecommand_core::domain::time::Millis::seconds(1));
        setup.claim("ann", API, n).await.unwrap();
        if on_github {
            // A merge closes it, which no delivery or poll has shown yet.
            setup
                .github
                .world(|world| world.close_issue(API, n.unsigned_abs()));
        }
        let told = finished(&setup, &http, over, n).await;
        assert_eq!(told["issue_closed"], json!(false), "{told}");
        let said = told.get("closed_on_github").cloned();
        assert_eq!(said, on_github.then_some(json!(true)), "{told}");
    }
    let listed = http.get("/api/claims?status=closed").await.body;
    assert_eq!(numbers(&listed), [4, 3, 2, 1], "the latest first");
    let (failed, told) = mcp
        .call("get_all_claims", &json!({ "status": "closed" }))
        .await;
    assert!(!failed);
    assert_eq!(told, listed);
    let one = http
        .get("/api/claims?status=closed&agent_id=bob")
        .await
        .body;
    assert_eq!(numbers(&one), [0_i64; 0]);
    let released = http.get("/api/claims?status=released").await.body;
    assert_eq!(numbers(&released), [0_i64; 0]);
    assert_eq!(numbers(&http.get("/api/claims").await.body), [0_i64; 0]);
}

async fn followups_that_ended_are_listed_by_their_status(kind: StoreKind) {
    let mut world = github_with(1);
    let pull = world.open_pull(
        API,
        NewPull::from_branch("work", NewIssue::titled("A change")),
    );
    world.add_user("eve");
    let setup = Setup::synced_on(kind, world).await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    setup.github.world(|world| {
        world.record_deliveries();
        world.comment(
            API,
            pull,
            NewComment::saying("Please add a test.").by("eve"),
        );
    });
    setup.deliver().await;
    let (_, given) = mcp.call("next_work", &json!({ "agent_id": "ann" })).await;
    let id = given["work_item"]["work_item_id"].clone();
    assert!(id.is_string(), "{given}");
    let done = json!({ "agent_id": "ann", "status": "done", "note": "added" });
    let path = format!("/api/followups/{}", id.as_str().unwrap());
    assert_eq!(http.json("PATCH", &path, &done).await.status, 200);
    let listed = http.get("/api/followups?status=done").await.body;
    let rows = listed["followups"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["work_item_id"]), (1, &id));
    assert_eq!(
        rows[0]["actionable_comments"],
        json!(["Please add a test."])
    );
    let (failed, told) = mcp
        .call("get_followups", &json!({ "status": "done" }))
        .await;
    assert!(!failed);
    // Over MCP the texts stand in the sources alone.
    let mut lean = listed.clone();
    let row = lean["followups"][0].as_object_mut().unwrap();
    row.remove("actionable_comments");
    assert_eq!(told, lean);
    for empty in ["/api/followups", "/api/followups?status=dismissed"] {
        assert_eq!(http.get(empty).await.body, json!({ "followups": [] }));
    }
}
