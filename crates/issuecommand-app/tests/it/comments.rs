//! Comments of an issue: what the claiming agent gets of them, and that unread comments are not shown as "none".

use std::time::{Duration, Instant};

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::{Fault, NewComment};
use issuecommand_testkit::builders::{number, repo};
use serde_json::{Value, json};

use crate::world::{API, Http, Mcp, Setup, github_with};

const ROUTE: &str = "GET /repos/acme/api/issues/*/comments";

/// Three issues; five comments on the first, none on the second, a long one on the third.
async fn setup() -> Setup {
    let mut world = github_with(3);
    for n in 1..=5 {
        world.comment(
            API,
            1,
            NewComment::saying(&format!("Comment {n}")).by("bob"),
        );
    }
    world.comment(API, 3, NewComment::saying(&"ä".repeat(20_000)).by("bob"));
    let setup = Setup::new(world).await;
    setup.sync().await;
    setup
}

fn bodies(issue: &Value) -> Vec<&str> {
    let comments = issue["comments"].as_array().unwrap();
    comments
        .iter()
        .map(|comment| comment["body"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn next_returns_the_last_three_comments_and_their_count() {
    let setup = setup().await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let (_, told) = mcp.call("next_work", &json!({ "agent_id": "ann" })).await;
    let issue = &told["issue"];
    assert_eq!(issue["number"], 1, "{told}");
    assert_eq!(bodies(issue), ["Comment 3", "Comment 4", "Comment 5"]);
    assert_eq!(issue["comments_count"], 5);

    let body = json!({ "agent_id": "bob" });
    let reply = http.json("POST", "/api/next", &body).await;
    let issue = &reply.body["issue"];
    assert_eq!(
        (
            &issue["number"],
            &issue["comments"],
            &issue["comments_count"]
        ),
        (&json!(2), &json!([]), &json!(0))
    );

    let reply = http.json("POST", "/api/next-work", &body).await;
    let issue = &reply.body["issue"];
    let [body] = bodies(issue)[..] else {
        panic!("{issue}")
    };
    assert!(
        body.len() < 9_000 && body.ends_with("get_issue_details has all of it)"),
        "{}",
        body.len()
    );
    assert_eq!(setup.github.requests_to(ROUTE).len(), 3);
}

/// The claim exists by then, and comments are optional, so nothing waits for them.
#[tokio::test]
async fn unavailable_comments_are_left_out_and_not_empty() {
    let setup = setup().await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let slow = setup
        .github
        .fault(ROUTE, Fault::delay(Duration::from_secs(5)));
    let begin = Instant::now();
    let arguments = json!({ "agent_id": "ann" });
    // The service's clock stands still until it is moved.
    let patience_ends = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        setup.pass(Millis::seconds(2));
    };
    let ((failed, told), ()) = tokio::join!(mcp.call("next_issue", &arguments), patience_ends);
    assert!(!failed && told["ok"] == true, "{told}");
    let issue = told["issue"].as_object().unwrap();
    assert!(
        !issue.contains_key("comments") && !issue.contains_key("comments_count"),
        "{told}"
    );
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    setup.github.end_fault(slow);

    setup.github.fault(ROUTE, Fault::status(500));
    let reply = http
        .json("POST", "/api/next", &json!({ "agent_id": "ann" }))
        .await;
    let issue = reply.body["issue"].as_object().unwrap();
    assert_eq!(issue["comments"], json!([]), "the contract has it");
    assert!(!issue.contains_key("comments_count"));
}

#[tokio::test]
async fn lists_leave_comments_out() {
    let setup = setup().await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let (_, told) = mcp.call("list_open_issues", &json!({ "repo": API })).await;
    let issues = told["issues"].as_array().unwrap();
    assert_eq!(issues.len(), 3);
    assert!(
        issues.iter().all(|issue| issue.get("comments").is_none()),
        "{told}"
    );
    let reply = http.get("/api/repos/acme/api/issues").await;
    assert_eq!(reply.body["issues"][0]["comments"], json!([]));
    let (_, told) = mcp
        .call(
            "get_issue_details",
            &json!({ "repo": API, "issue_number": 1 }),
        )
        .await;
    assert_eq!(
        (
            bodies(&told["issue"]).len(),
            &told["issue"]["comments_count"]
        ),
        (5, &json!(5))
    );
}

/// A fifth of GitHub's rate limit is reserved for claims and the sync.
#[tokio::test]
async fn comments_are_not_requested_while_the_budget_is_low() {
    let mut world = github_with(3);
    world.set_rate_limit(100);
    let setup = Setup::new(world).await;
    setup.sync().await;
    let (repo, issue, caller) = (repo(API), number(1), Caller::full(Principal::Local));
    let latest = async || setup.service.latest_comments(&caller, &repo, issue).await;
    assert!(latest().await.is_some());
    let left = setup.service.measures().await.unwrap().budget.remaining;
    let used = 100 - u64::try_from(left.unwrap()).unwrap();
    setup
        .github
        .world(|world| world.set_rate_limit(used + used / 4));
    setup.sync().await;
    let asked = setup.github.requests_to(ROUTE).len();
    assert!(latest().await.is_none());
    let mcp = Mcp::serving(&setup).await;
    let (_, told) = mcp.call("next_work", &json!({ "agent_id": "ann" })).await;
    assert_eq!(told["ok"], true, "{told}");
    assert!(told["issue"].get("comments").is_none(), "{told}");
    assert_eq!(setup.github.requests_to(ROUTE).len(), asked);
}
