//! An error is a result marked as such, whose one text says what to do; nothing is changed.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::repo_name::RepoName;
use rmcp::ServiceExt;
use serde_json::{Value, json};

use crate::world::github::INNER;
use crate::world::{FakeBehaviour, World, failure};

/// Tool, arguments, and the invalid field.
const WRONG: &[(&str, &str, &str)] = &[
    ("claim_issue", "{}", "agent_id"),
    (
        "claim_issue",
        r#"{"agent_id": " ", "repo": "acme/api", "issue_number": 1}"#,
        "agent_id",
    ),
    (
        "claim_issue",
        r#"{"agent_id": 7, "repo": "acme/api", "issue_number": 1}"#,
        "agent_id",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "a\nb", "repo": "acme/api", "issue_number": 1}"#,
        "agent_id",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "issue_number": 1}"#,
        "repo",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme", "issue_number": 1}"#,
        "repo",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "../api", "issue_number": 1}"#,
        "repo",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api"}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": "one"}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": "+1"}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": "99999999999999999999"}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": 0}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": -1}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": 1.5}"#,
        "issue_number",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "issue_number": 1e300}"#,
        "issue_number",
    ),
    ("next_work", r#"{"agent_id": null}"#, "agent_id"),
    (
        "next_issue",
        r#"{"agent_id": "ann", "repo": "a/b/c"}"#,
        "repo",
    ),
    ("list_open_issues", "{}", "repo"),
    (
        "get_issue_details",
        r#"{"repo": "acme/api"}"#,
        "issue_number",
    ),
    ("release_issue", r#"{"agent_id": "ann"}"#, "claim_id"),
    (
        "update_claim_status",
        r#"{"agent_id": "ann", "claim_id": "c"}"#,
        "status",
    ),
    (
        "update_claim_status",
        r#"{"agent_id": "ann", "claim_id": "c", "status": "done"}"#,
        "status",
    ),
    ("get_my_claims", "{}", "agent_id"),
    ("get_my_work", r#"{"agent": "ann"}"#, "agent_id"),
    ("get_all_claims", r#"{"status": "busy"}"#, "status"),
    ("get_all_claims", r#"{"repo": "nowhere"}"#, "repo"),
    (
        "update_followup_status",
        r#"{"agent_id": "ann", "status": "done"}"#,
        "work_item_id",
    ),
    (
        "update_followup_status",
        r#"{"agent_id": "ann", "work_item_id": "w"}"#,
        "status",
    ),
    (
        "update_followup_status",
        r#"{"agent_id": "ann", "work_item_id": "w", "status": "closed"}"#,
        "status",
    ),
    (
        "update_followup_status",
        r#"{"work_item_id": "w", "status": "done"}"#,
        "agent_id",
    ),
    ("get_followups", r#"{"status": "open"}"#, "status"),
    ("get_followups", r#"{"pr_number": "x"}"#, "pr_number"),
    ("get_followups", r#"{"pr_number": 0}"#, "pr_number"),
    ("get_followups", r#"{"pr_number": []}"#, "pr_number"),
    ("get_followups", r#"{"repo": "nowhere"}"#, "repo"),
    ("get_claim_history", r#"{"limit": 0}"#, "limit"),
    ("get_claim_history", r#"{"limit": 201}"#, "limit"),
    ("get_claim_history", r#"{"cursor": "Zm9v"}"#, "cursor"),
    ("get_claim_history", r#"{"cursor": 7}"#, "cursor"),
    ("get_claim_history", r#"{"limit": "many"}"#, "limit"),
    ("get_claim_history", r#"{"limit": "201"}"#, "limit"),
    ("get_claim_history", r#"{"limit": true}"#, "limit"),
    ("get_all_claims", r#"{"status": ["stale"]}"#, "status"),
    ("get_all_claims", r#"{"agent_id": 7}"#, "agent_id"),
    (
        "get_followups",
        r#"{"claimed_by_agent_id": {}}"#,
        "claimed_by_agent_id",
    ),
    (
        "list_open_issues",
        r#"{"repo": "acme/api", "label": ["bug"]}"#,
        "label",
    ),
    (
        "list_open_issues",
        r#"{"repo": "acme/api", "milestone": 1}"#,
        "milestone",
    ),
    (
        "list_repos",
        r#"{"include_counts": "no"}"#,
        "include_counts",
    ),
    ("list_repos", r#"{"include_counts": 0}"#, "include_counts"),
    ("next_issue", r#"{"agent_id": "ann", "label": 5}"#, "label"),
    (
        "next_issue",
        r#"{"agent_id": "ann", "repo": ["acme/api"]}"#,
        "repo",
    ),
    (
        "next_work",
        r#"{"agent_id": "ann", "milestone": false}"#,
        "milestone",
    ),
    (
        "next_work",
        r#"{"agent_id": "ann", "idempotency_key": 7}"#,
        "idempotency_key",
    ),
];

/// Tool, arguments, the unknown argument, and the nearest known one.
const UNKNOWN: &[(&str, &str, &str, &str)] = &[
    (
        "next_work",
        r#"{"agent_id": "ann", "labels": "bug"}"#,
        "labels",
        "label",
    ),
    (
        "next_work",
        r#"{"agent_id": "ann", "repository": "acme/web"}"#,
        "repository",
        "repo",
    ),
    ("next_work", r#"{"agent": "ann"}"#, "agent", "agent_id"),
    (
        "next_issue",
        r#"{"agent_id": "ann", "lable": "bug"}"#,
        "lable",
        "label",
    ),
    (
        "next_issue",
        r#"{"agent_id": "ann", "labels": null}"#,
        "labels",
        "label",
    ),
    (
        "next_issue",
        r#"{"agent_id": "ann", "hurry": true}"#,
        "hurry",
        "idempotency_key",
    ),
    (
        "claim_issue",
        r#"{"agent_id": "ann", "repo": "acme/api", "number": 1}"#,
        "number",
        "issue_number",
    ),
    (
        "list_open_issues",
        r#"{"repo": "acme/api", "state": "open"}"#,
        "state",
        "milestone",
    ),
    (
        "get_all_claims",
        r#"{"agentId": "ann"}"#,
        "agentId",
        "agent_id",
    ),
    (
        "get_followups",
        r#"{"agent_id": "ann"}"#,
        "agent_id",
        "claimed_by_agent_id",
    ),
    (
        "get_my_work",
        r#"{"agent_id": "ann", "idempotency_key": "k"}"#,
        "idempotency_key",
        "agent_id",
    ),
    (
        "release_issue",
        r#"{"agent_id": "ann", "claim_id": "c", "note": "n"}"#,
        "note",
        "reason",
    ),
    (
        "system_health",
        r#"{"verbose": true}"#,
        "verbose",
        "the fields are repo",
    ),
];

#[tokio::test]
async fn an_unknown_argument_names_the_nearest_one() {
    let (world, client) = World::met().await;
    let events = world.events().await;
    for (tool, arguments, sent, meant) in UNKNOWN {
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        let told = failure(&client, tool, &arguments).await;
        assert_eq!(told["error"], "request_failed", "{tool} {arguments}");
        let message = told["message"].as_str().unwrap();
        let named = format!("There is no argument {sent:?}.");
        assert!(message.contains(&named), "{tool} {arguments}: {message}");
        assert!(message.contains(meant), "{tool} {arguments}: {message}");
        assert_eq!(told.get("warnings"), None);
    }
    let many: serde_json::Map<String, Value> = (0..5000)
        .map(|n| (format!("unknown{n}{}", "x".repeat(500)), json!(n)))
        .collect();
    let told = failure(&client, "next_work", &many.into()).await;
    assert!(told.to_string().len() < 4000);
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn numbers_and_flags_may_be_written_as_text() {
    let (_world, client) = World::met().await;
    let told = async |tool, arguments: Value| {
        let result = crate::world::call(&client, tool, &arguments).await;
        assert_eq!(
            result.is_error,
            Some(false),
            "{tool} {arguments}: {result:?}"
        );
        result.structured_content.unwrap()
    };
    let claim = json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": " 1 " });
    let claimed = told("claim_issue", claim).await;
    assert_eq!(claimed["claim"]["issue_number"], 1);
    assert_eq!(claimed.get("warnings"), None);
    let details = json!({ "repo": "acme/api", "issue_number": "2" });
    assert_eq!(
        told("get_issue_details", details).await["issue"]["number"],
        2
    );
    told("get_followups", json!({ "pr_number": "12" })).await;
    told("get_claim_history", json!({ "limit": "5" })).await;
    for flag in [
        json!("false"),
        json!("False"),
        json!("true"),
        json!(true),
        json!(null),
        json!(""),
    ] {
        told("list_repos", json!({ "include_counts": flag })).await;
    }
}

/// Blank filters are ignored, and so are the fields that clients add.
#[tokio::test]
async fn blank_and_protocol_arguments_are_ignored() {
    let (_world, client) = World::met().await;
    let odd = json!({
        "agent_id": " ann ", "label": "", "milestone": null, "repo": "  ", "_meta": { "progressToken": 1 }
    });
    let result = crate::world::call(&client, "next_issue", &odd).await;
    let told = result.structured_content.unwrap();
    assert_eq!(
        (&told["ok"], &told["claim"]["agent_id"]),
        (&json!(true), &json!("ann"))
    );
    assert_eq!(told.get("warnings"), None);
    let filler = json!({ "random_string": "dummy" });
    let result = crate::world::call(&client, "system_health", &filler).await;
    assert_eq!(result.is_error, Some(false));
}

#[tokio::test]
async fn invalid_arguments_are_named() {
    let (world, client) = World::met().await;
    let events = world.events().await;
    let long = format!(r#"{{"agent_id": "{}"}}"#, "a".repeat(201));
    for (tool, arguments, field) in WRONG.iter().chain(&[("next_work", &*long, "agent_id")]) {
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        let told = failure(&client, tool, &arguments).await;
        assert_eq!(told["ok"], false);
        assert_eq!(told["error"], "request_failed", "{tool} {arguments}");
        let message = told["message"].as_str().unwrap();
        assert!(message.contains(field), "{tool} {arguments}: {told}");
    }
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn an_unknown_tool_is_a_protocol_error() {
    let (_world, client) = World::met().await;
    let told = failure(&client, "claim_isue", &json!({ "agent_id": "ann" })).await;
    let message = told["message"].as_str().unwrap();
    assert_eq!(told["error"], "request_failed");
    assert!(
        message.contains("claim_isue") && message.contains("claim_issue,"),
        "{message}"
    );
}

#[tokio::test]
async fn an_issue_hidden_by_github_is_an_error() {
    let (_world, client) = World::met().await;
    let no_issue = json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": 99 });
    assert_eq!(
        failure(&client, "claim_issue", &no_issue).await["error"],
        "issue_not_found"
    );
    let no_issue = json!({ "repo": "acme/api", "issue_number": 99 });
    assert_eq!(
        failure(&client, "get_issue_details", &no_issue).await["error"],
        "issue_not_found"
    );
    let no_repo = failure(&client, "list_open_issues", &json!({ "repo": "acme/none" })).await;
    assert_eq!(no_repo["error"], "issue_not_found");
    assert!(no_repo["message"].as_str().unwrap().contains("list_repos"));
}

/// The arguments by which a tool reads this repository or claims something of it.
fn fitting(tool: &str, repo: &str) -> Value {
    match tool {
        "list_repos" => json!({}),
        "list_open_issues" => json!({ "repo": repo }),
        "get_issue_details" => json!({ "repo": repo, "issue_number": 1 }),
        "next_issue" | "next_work" => json!({ "agent_id": "ann", "repo": repo }),
        _ => json!({ "agent_id": "ann", "repo": repo, "issue_number": 1 }),
    }
}

#[tokio::test]
async fn a_repository_outside_the_scope_is_refused() {
    let allowed = BTreeSet::from([RepoName::parse("acme/api").unwrap()]);
    let (_world, stream) = World::of(Policy::default(), Scope::Only(allowed));
    let client = ().serve(stream).await.unwrap();
    for tool in [
        "claim_issue",
        "get_issue_details",
        "list_open_issues",
        "next_issue",
        "next_work",
    ] {
        let foreign = fitting(tool, "other/thing");
        assert_eq!(
            failure(&client, tool, &foreign).await["error"],
            "repo_not_allowed",
            "{tool}"
        );
    }
}

#[tokio::test]
async fn an_unreachable_github_is_an_error_with_a_wait() {
    let (world, client) = World::met().await;
    let events = world.events().await;
    world.github.be(FakeBehaviour::Down);
    for tool in [
        "list_repos",
        "list_open_issues",
        "get_issue_details",
        "claim_issue",
        "next_issue",
        "next_work",
    ] {
        let arguments = fitting(tool, "acme/api");
        let told = failure(&client, tool, &arguments).await;
        assert_eq!(told["error"], "github_unavailable", "{tool}");
        assert!(
            told["message"].as_str().unwrap().contains("Try again"),
            "{tool}: {told}"
        );
        assert!(!told.to_string().contains(INNER), "{tool}");
    }
    world.github.be(FakeBehaviour::Limited);
    let told = failure(&client, "next_work", &json!({ "agent_id": "ann" })).await;
    assert_eq!(
        (&told["error"], &told["retry_after_seconds"]),
        (&json!("github_unavailable"), &json!(61))
    );
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn an_internal_error_shows_no_details_and_other_calls_go_on() {
    let (world, client) = World::met().await;
    world.github.be(FakeBehaviour::Panics);
    let mut told = failure(&client, "list_repos", &json!({})).await;
    let id = told.as_object_mut().unwrap().remove("request_id");
    assert!(id.is_some_and(|id| id.as_str().unwrap().len() == 36));
    let words = json!({ "ok": false, "error": "internal_error", "message": "An unexpected server error occurred" });
    assert_eq!(told, words);
    world.github.be(FakeBehaviour::Well);
    let health = crate::world::call(&client, "system_health", &json!({})).await;
    assert_eq!(health.is_error, Some(false));
}
