//! Dependencies and sub-issues: lists, counts, writes and deliveries.

use std::time::Duration;

use issuecommand_github_emulator::{Delivery, NewPull, World};
use serde_json::{Value, json};

use super::world_with;
use crate::raw::{get, send};

const ONE: &str = "/repos/acme/app/issues/1";

/// Issues 1 to 4 of `acme/app`, and issue 1 of `acme/web`.
fn world() -> World {
    let mut world = world_with(4);
    world.add_repo("acme/web");
    world.open_issue("acme/web", "Elsewhere");
    world
}

fn told(deliveries: &[Delivery]) -> Vec<[&str; 3]> {
    let mut told = Vec::new();
    for delivery in deliveries {
        told.push([
            delivery.repo.as_str(),
            delivery.event.as_str(),
            delivery.action.as_str(),
        ]);
    }
    told
}

fn dependencies(blocked_by: u64, total: u64) -> Value {
    json!({"blocked_by": blocked_by, "total_blocked_by": total, "blocking": 0, "total_blocking": 0})
}

#[tokio::test]
async fn blockers_are_listed_and_counted() {
    let mut world = world();
    world.block("acme/app", 1, ("acme/app", 2));
    world.block("acme/app", 1, ("acme/web", 1));
    world.block("acme/app", 1, ("acme/web", 1));
    let github = crate::raw::start(world).await;
    let before = get(github.url(), "/repos/acme/app/issues").await;
    let blockers = get(github.url(), &format!("{ONE}/dependencies/blocked_by")).await;
    assert_eq!(blockers.column("title"), ["Issue 2", "Elsewhere"]);
    let blocking = get(
        github.url(),
        "/repos/acme/web/issues/1/dependencies/blocking",
    )
    .await;
    assert_eq!(blocking.column("title"), ["Issue 1"]);
    let row = get(github.url(), ONE).await.json();
    assert_eq!(row["issue_dependencies_summary"], dependencies(2, 2));

    github.world(|world| {
        world.advance(Duration::from_hours(1));
        world.close_issue("acme/web", 1);
    });
    let after = get(github.url(), "/repos/acme/app/issues").await;
    assert_eq!(after.column("updated_at"), before.column("updated_at"));
    assert_ne!(after.header("etag"), before.header("etag"));
    let row = get(github.url(), ONE).await.json();
    assert_eq!(row["issue_dependencies_summary"], dependencies(1, 2));
    let blockers = get(
        github.url(),
        &format!("{ONE}/dependencies/blocked_by?per_page=1"),
    )
    .await;
    assert_eq!(blockers.numbers(), [2]);
    let next = blockers.link("next").unwrap();
    let closed = get(github.url(), &next).await;
    assert_eq!(closed.column("state"), ["closed"]);

    github.world(|world| world.remove_access("acme/web"));
    let seen = get(github.url(), &format!("{ONE}/dependencies/blocked_by")).await;
    assert_eq!(
        seen.numbers(),
        [2],
        "what the token cannot see is not listed"
    );
    let row = get(github.url(), ONE).await.json();
    assert_eq!(row["issue_dependencies_summary"], dependencies(1, 2));
}

#[tokio::test]
async fn dependencies_are_written_by_id() {
    let mut world = world();
    let blocker = world.issue("acme/web", 1).unwrap().id;
    let own = world.issue("acme/app", 1).unwrap().id;
    let pull = world.open_pull("acme/app", NewPull::from_branch("fix", "Fix it"));
    let pull = world.issue("acme/app", pull).unwrap().id;
    let github = crate::raw::start(world).await;
    let path = format!("{ONE}/dependencies/blocked_by");
    let add = async |id: u64| {
        let body = json!({"issue_id": id}).to_string();
        send(github.url(), "POST", &path, &[], &body).await
    };
    let added = add(blocker).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.json()["number"], 1);
    assert!(added.header("location").unwrap().ends_with(ONE));
    for id in [blocker, own, pull, 5] {
        assert_eq!(add(id).await.status, 422, "{id}");
    }
    let one = format!("{path}/{blocker}");
    let removed = send(github.url(), "DELETE", &one, &[], "").await;
    assert_eq!(
        (removed.status, removed.json()["number"].as_u64()),
        (200, Some(1))
    );
    assert_eq!(
        send(github.url(), "DELETE", &one, &[], "").await.status,
        404
    );
    github.world(|world| world.set_writable("acme/app", false));
    assert_eq!(add(blocker).await.status, 403);
}

#[tokio::test]
async fn sub_issues_have_one_parent() {
    let mut world = world();
    world.add_sub_issue("acme/app", 1, ("acme/app", 2));
    world.add_sub_issue("acme/app", 1, ("acme/web", 1));
    world.close_issue("acme/app", 2);
    let id = world.issue("acme/web", 1).unwrap().id;
    let github = crate::raw::start(world).await;
    let children = get(github.url(), &format!("{ONE}/sub_issues")).await;
    assert_eq!(children.column("title"), ["Issue 2", "Elsewhere"]);
    let row = get(github.url(), ONE).await.json();
    let summary = json!({"total": 2, "completed": 1, "percent_completed": 50});
    assert_eq!(row["sub_issues_summary"], summary);
    assert_eq!(row["parent_issue_url"], Value::Null);
    let child = get(github.url(), "/repos/acme/web/issues/1").await.json();
    let parent = format!("{}{ONE}", github.url());
    assert_eq!(child["parent_issue_url"], parent.as_str());
    let parent = get(github.url(), "/repos/acme/web/issues/1/parent").await;
    assert_eq!(parent.json()["number"], 1);
    assert_eq!(
        get(github.url(), &format!("{ONE}/parent")).await.status,
        404
    );

    let add = async |replace: bool| {
        let body = json!({"sub_issue_id": id, "replace_parent": replace}).to_string();
        let path = "/repos/acme/app/issues/3/sub_issues";
        send(github.url(), "POST", path, &[], &body).await.status
    };
    assert_eq!(add(false).await, 422);
    assert_eq!(add(true).await, 201);
    let children = get(github.url(), &format!("{ONE}/sub_issues")).await;
    assert_eq!(children.column("title"), ["Issue 2"]);
    let body = json!({"sub_issue_id": id}).to_string();
    let path = "/repos/acme/app/issues/3/sub_issue";
    let removed = send(github.url(), "DELETE", path, &[], &body).await;
    assert_eq!(removed.status, 200);
    let child = get(github.url(), "/repos/acme/web/issues/1").await.json();
    assert_eq!(child["parent_issue_url"], Value::Null);
}

#[test]
fn an_edge_sends_a_delivery_for_each_end() {
    let mut world = world();
    world.record_deliveries();
    world.block("acme/app", 1, ("acme/web", 1));
    world.unblock("acme/app", 1, ("acme/web", 1));
    world.unblock("acme/app", 1, ("acme/web", 1));
    let deliveries = world.deliveries();
    let expected = [
        ["acme/app", "issue_dependencies", "blocked_by_added"],
        ["acme/web", "issue_dependencies", "blocking_added"],
        ["acme/app", "issue_dependencies", "blocked_by_removed"],
        ["acme/web", "issue_dependencies", "blocking_removed"],
    ];
    assert_eq!(told(&deliveries), expected);
    let (one, other) = (deliveries[0].json(), deliveries[1].json());
    for payload in [&one, &other] {
        assert_eq!(payload["blocked_issue"]["number"], 1);
        assert_eq!(payload["blocked_issue_id"], payload["blocked_issue"]["id"]);
        assert_eq!(payload["blocking_issue"]["title"], "Elsewhere");
        assert_eq!(
            payload["blocking_issue_id"],
            payload["blocking_issue"]["id"]
        );
        assert_eq!(payload["sender"]["login"], "octo-agent");
    }
    assert_eq!(one["blocking_issue_repo"]["full_name"], "acme/web");
    assert_eq!(one["blocked_issue_repo"], Value::Null);
    assert_eq!(other["blocked_issue_repo"]["full_name"], "acme/app");
    assert_eq!(other["blocking_issue_repo"], Value::Null);

    world.add_sub_issue("acme/app", 2, ("acme/web", 1));
    world.remove_sub_issue("acme/app", 2, ("acme/web", 1));
    let deliveries = world.deliveries();
    let expected = [
        ["acme/web", "sub_issues", "parent_issue_added"],
        ["acme/app", "sub_issues", "sub_issue_added"],
        ["acme/web", "sub_issues", "parent_issue_removed"],
        ["acme/app", "sub_issues", "sub_issue_removed"],
    ];
    assert_eq!(told(&deliveries), expected);
    let (child, parent) = (deliveries[0].json(), deliveries[1].json());
    assert_eq!(child["parent_issue_repo"]["full_name"], "acme/app");
    assert_eq!(parent["sub_issue_repo"]["full_name"], "acme/web");
    assert_eq!(parent["parent_issue"]["number"], 2);
    assert_eq!(parent["sub_issue_id"], child["sub_issue"]["id"]);
}

#[test]
fn closing_a_blocker_fires_no_dependency_event() {
    let mut world = world();
    world.block("acme/app", 1, ("acme/app", 2));
    world.record_deliveries();
    world.close_issue("acme/app", 2);
    let deliveries = world.deliveries();
    assert_eq!(told(&deliveries), [["acme/app", "issues", "closed"]]);
    let issue = &deliveries[0].json()["issue"];
    assert_eq!(issue["issue_dependencies_summary"]["total_blocking"], 1);
    assert_eq!(
        issue.get("parent_issue_url"),
        None,
        "only lists say the parent"
    );
}

#[test]
fn relations_follow_a_transfer_and_end_with_a_deletion() {
    let mut world = world();
    world.block("acme/app", 1, ("acme/app", 2));
    world.block("acme/app", 3, ("acme/app", 4));
    world.add_sub_issue("acme/app", 4, ("acme/app", 2));
    let number = world.transfer_issue("acme/app", 2, "acme/web");
    world.unblock("acme/app", 1, ("acme/web", number));
    world.delete_issue("acme/app", 4);
    world.record_deliveries();
    world.block("acme/app", 1, ("acme/web", number));
    let payload = world.deliveries().remove(0).json();
    let summary = &payload["blocked_issue"]["issue_dependencies_summary"];
    assert_eq!(*summary, dependencies(1, 1));
    assert_eq!(payload["blocking_issue"]["parent_issue_url"], Value::Null);
}
