//! Issues opened, closed, edited and commented over HTTP.

use std::time::Duration;

use issuecommand_github_emulator::{State, StateReason};

use super::emulator_with;
use crate::raw::{get, send};

#[tokio::test]
async fn an_issue_is_closed_and_opened_again() {
    let github = emulator_with(1).await;
    github.world(|world| world.advance(Duration::from_mins(1)));
    let patch =
        async |body: &str| send(github.url(), "PATCH", "/repos/acme/app/issues/1", &[], body).await;
    let closed = patch(r#"{"state": "closed", "state_reason": "not_planned"}"#).await;
    assert_eq!(closed.status, 200);
    let closed = closed.json();
    assert_eq!(
        (closed["state"].as_str(), closed["state_reason"].as_str()),
        (Some("closed"), Some("not_planned"))
    );
    assert_eq!(closed["closed_by"]["login"], "octo-agent");
    assert_eq!(closed["closed_at"], closed["updated_at"]);
    github.world(|world| {
        let issue = world.issue("acme/app", 1).unwrap();
        assert_eq!(
            (issue.state, issue.state_reason),
            (State::Closed, Some(StateReason::NotPlanned))
        );
        assert_eq!(world.repo("acme/app").unwrap().open_issues(), 0);
    });
    let reopened = patch(r#"{"state": "open"}"#).await.json();
    assert_eq!(
        (reopened["state"].as_str(), reopened["closed_at"].as_str()),
        (Some("open"), None)
    );
}

#[tokio::test]
async fn labels_and_assignees_are_replaced() {
    let github = emulator_with(1).await;
    let body = r#"{"title": "Better", "labels": ["bug", {"name": "P0"}], "assignees": ["alice"]}"#;
    let issue = send(github.url(), "PATCH", "/repos/acme/app/issues/1", &[], body)
        .await
        .json();
    assert_eq!(issue["title"], "Better");
    assert_eq!(issue["labels"][1]["name"], "P0");
    assert_eq!(issue["assignee"]["login"], "alice");
}

#[tokio::test]
async fn bad_writes_change_nothing() {
    let github = emulator_with(1).await;
    let before = get(github.url(), "/repos/acme/app/issues/1").await.body;
    for (body, status) in [
        ("{", 400),
        ("[]", 400),
        (r#"{"state": "done", "title": "x"}"#, 422),
        (r#"{"title": "x", "labels": "bug"}"#, 422),
        (r#"{"title": "x", "milestone": 9}"#, 422),
    ] {
        let answer = send(github.url(), "PATCH", "/repos/acme/app/issues/1", &[], body).await;
        assert_eq!(answer.status, status, "{body}");
    }
    assert_eq!(
        send(
            github.url(),
            "POST",
            "/repos/acme/app/issues",
            &[],
            r#"{"body": "x"}"#
        )
        .await
        .status,
        422
    );
    github.world(|world| world.set_writable("acme/app", false));
    let refused = send(
        github.url(),
        "PATCH",
        "/repos/acme/app/issues/1",
        &[],
        r#"{"state": "closed"}"#,
    )
    .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues/1").await.body,
        before
    );
}

#[tokio::test]
async fn an_issue_is_opened_and_commented() {
    let github = emulator_with(1).await;
    let body = r#"{"title": "New", "body": "Text", "labels": ["bug"]}"#;
    let created = send(github.url(), "POST", "/repos/acme/app/issues", &[], body).await;
    assert_eq!(
        (created.status, created.json()["number"].as_u64()),
        (201, Some(2))
    );
    let address = format!("{}/repos/acme/app/issues/2", github.url());
    assert_eq!(created.header("location"), Some(address.as_str()));

    github.world(|world| world.advance(Duration::from_secs(5)));
    let path = "/repos/acme/app/issues/2/comments";
    let comment = send(
        github.url(),
        "POST",
        path,
        &[],
        r#"{"body": "Seen here too"}"#,
    )
    .await;
    assert_eq!(
        (comment.status, comment.json()["user"]["login"].as_str()),
        (201, Some("octo-agent"))
    );
    let issue = get(github.url(), &address).await.json();
    assert_eq!(issue["comments"], 1);
    assert_ne!(
        issue["updated_at"], issue["created_at"],
        "a comment is an update"
    );
    assert_eq!(
        send(github.url(), "POST", path, &[], r#"{"body": " "}"#)
            .await
            .status,
        422
    );
}
