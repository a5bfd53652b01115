//! Both surfaces respond alike: one table of cases through HTTP and through MCP, in two worlds that are equal to the id and the
//! millisecond.

mod cases;
pub(crate) mod routes;

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::{Fault, NewComment, NewIssue, NewPull, NewRepo, World};
use issuecommand_testkit::builders::repo;
use serde_json::{Value, json};

use self::cases::{Step, cases};
use self::routes::request;
use crate::world::{API, Http, Mcp, Setup, StoreKind, github_with};

on_each_store!(
    both_surfaces_answer_alike,
    what_a_tool_refuses_http_takes_with_a_warning,
);

/// A GitHub with one of everything.
fn world() -> World {
    let mut world = github_with(6);
    world.label(API, 3, "priority: high");
    world.label(API, 4, "docs");
    world.label(API, 4, "Bug");
    world.add_milestone(API, "v1");
    world.set_milestone(API, 4, Some("v1"));
    world.comment(
        API,
        2,
        NewComment::saying("Does it still happen?").by("ann-on-github"),
    );
    world.close_issue(API, 6);
    world.open_pull(
        API,
        NewPull::from_branch("b", NewIssue::titled("A pull request")),
    );
    world.add_repo(
        NewRepo::named("acme/web")
            .private()
            .description("The pages"),
    );
    world.open_issue("acme/web", "Another repository");
    world.add_repo(NewRepo::named("acme/secret"));
    world
}

async fn setup(kind: StoreKind) -> Setup {
    let policy = Policy {
        auto_close: true,
        attempts: AttemptPolicy::ignored(),
        ..Policy::default()
    };
    let allowed = Scope::Only([repo(API), repo("acme/web")].into());
    Setup::with(kind, world(), policy, allowed).await
}

/// A change between two calls, in both worlds.
async fn happen(step: &Step, setup: &Setup) {
    match step {
        Step::Call(..) => {}
        Step::Pass(minutes) => setup.pass(Millis::minutes(*minutes)),
        Step::Sync => {
            setup.sync().await;
        }
        Step::GithubFails(route, code) => {
            setup.github.fault(route, Fault::status(*code));
        }
        Step::GithubRecovers => setup.github.end_faults(),
    }
}

/// Replaces `$name` by a value of an earlier response: `$claim` is the id of the latest claim.
fn filled(value: &Value, claim: &str) -> Value {
    match value {
        Value::String(text) if text == "$claim" => claim.into(),
        Value::Object(map) => {
            let filled = map
                .iter()
                .map(|(name, value)| (name.clone(), filled(value, claim)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// An HTTP response without the empty lists that stand for unread comments.
fn without_unread(mut value: Value) -> Value {
    match &mut value {
        Value::Object(map) => {
            // Over MCP the texts of a follow-up stand in its sources alone.
            map.remove("actionable_comments");
            if map.contains_key("comments") && !map.contains_key("comments_count") {
                assert_eq!(map.remove("comments"), Some(json!([])));
            }
            for (_, value) in map.iter_mut() {
                *value = without_unread(value.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = without_unread(item.take());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

async fn both_surfaces_answer_alike(kind: StoreKind) {
    let (one, two) = (setup(kind).await, setup(kind).await);
    let (http, mcp) = (Http::serving(&one).await, Mcp::serving(&two).await);
    let (mut claim, mut tools, mut statuses) = (String::new(), BTreeSet::new(), BTreeSet::new());
    for (n, step) in cases().iter().enumerate() {
        tokio::join!(happen(step, &one), happen(step, &two));
        let Step::Call(tool, arguments, wanted) = step else {
            continue;
        };
        let arguments = filled(arguments, &claim);
        let (method, path, body) = request(tool, &arguments);
        let reply = match body {
            Some(body) => http.json(method, &path, &body).await,
            None => http.get(&path).await,
        };
        let mut arguments_of_tool = arguments.clone();
        if matches!(*tool, "update_claim_status" | "update_followup_status") {
            // The answer over MCP is short by default.
            arguments_of_tool["lean"] = false.into();
        }
        if *tool == "list_open_issues" {
            arguments_of_tool["include_body"] = true.into();
        }
        let (failed, told) = mcp.call(tool, &arguments_of_tool).await;

        let what = format!("case {n}: {tool} {arguments}");
        assert_eq!(reply.status, *wanted, "{what}: {}", reply.body);
        // Responses do not contain the addresses of the two emulators, so that all must be equal. The differences are in the
        // contract: what `without_unread` removes.
        assert_eq!(without_unread(reply.body.clone()), told, "{what}");
        // A refusal is a result; a failure is an error.
        assert_eq!(
            failed,
            !matches!(reply.status, 200 | 409) && told["reason"].is_null(),
            "{what}"
        );
        assert_eq!(told["ok"] == false, reply.status != 200, "{what}");
        if let Some(id) = told["claim"]["claim_id"].as_str() {
            id.clone_into(&mut claim);
        }
        tools.insert(*tool);
        statuses.insert(reply.status);
    }
    // The table must cover every tool. The two without HTTP routes are exceptions.
    assert_eq!(tools.len(), 11, "{tools:?}");
    assert_eq!(statuses, BTreeSet::from([200, 400, 403, 404, 409, 503]));
    let (one, two) = (one.dump().await, two.dump().await);
    for table in ["issue", "claim_status", "idempotency", "outbox"] {
        assert_eq!(one.rows(table), two.rows(table), "{table}");
    }
}

/// A filter in an unknown field: a tool refuses and changes nothing; HTTP hands out work as usual, and the response names the
/// ignored field and the nearest one.
async fn what_a_tool_refuses_http_takes_with_a_warning(kind: StoreKind) {
    let setup = setup(kind).await;
    setup.sync().await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let cases = [
        (
            "next_issue",
            json!({ "agent_id": "ann", "labels": "docs" }),
            "labels",
            "label",
        ),
        (
            "next_work",
            json!({ "agent_id": "ann", "repository": "acme/web" }),
            "repository",
            "repo",
        ),
        (
            "next_issue",
            json!({ "agent_id": "ann", "repo": ["acme/web"] }),
            "repo",
            "text",
        ),
        (
            "next_work",
            json!({ "agent_id": "ann", "label": 5 }),
            "label",
            "text",
        ),
        (
            "get_all_claims",
            json!({ "agent": "ann" }),
            "agent",
            "agent_id",
        ),
        (
            "get_followups",
            json!({ "state": "queued" }),
            "state",
            "status",
        ),
        (
            "list_repos",
            json!({ "include_counts": "no" }),
            "include_counts",
            "true or false",
        ),
        (
            "claim_issue",
            json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": 5, "agent": "bob" }),
            "agent",
            "agent_id",
        ),
    ];
    for (tool, arguments, field, meant) in cases {
        let what = format!("{tool} {arguments}");
        let before = setup.dump().await;
        let (failed, told) = mcp.call(tool, &arguments).await;
        assert!(failed, "{what}: {told}");
        assert_eq!(told["error"], "request_failed", "{what}");
        let message = told["message"].as_str().unwrap();
        assert!(
            message.contains(field) && message.contains(meant),
            "{what}: {message}"
        );
        assert_eq!(setup.dump().await, before, "{what}");

        let (method, path, body) = request(tool, &arguments);
        let reply = match body {
            Some(body) => http.json(method, &path, &body).await,
            None => http.get(&path).await,
        };
        assert_eq!(reply.status, 200, "{what}: {}", reply.body);
        let [warning] = &reply.body["warnings"].as_array().unwrap()[..] else {
            panic!("{what}: {}", reply.body)
        };
        let warning = warning.as_str().unwrap();
        assert!(
            warning.contains(field) && warning.contains(meant),
            "{what}: {warning}"
        );
    }
}
