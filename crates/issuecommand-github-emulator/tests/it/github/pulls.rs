//! Pull requests: opened and merged over HTTP, reviewed by the builders.

use issuecommand_github_emulator::{NewComment, NewIssue, NewPull, ReviewState, State};

use super::emulator_with;
use crate::raw::{get, send};

#[tokio::test]
async fn a_merged_pull_request_closes_its_linked_issues() {
    let github = emulator_with(3).await;
    let body = r#"{"title": "Fix", "head": "fix-1", "base": "main", "body": "Closes #1, fixes acme/app#3. See #2."}"#;
    let created = send(github.url(), "POST", "/repos/acme/app/pulls", &[], body).await;
    assert_eq!(
        (created.status, created.json()["number"].as_u64()),
        (201, Some(4))
    );
    assert_eq!(created.json()["mergeable_state"], "clean");
    let again = send(github.url(), "POST", "/repos/acme/app/pulls", &[], body).await;
    assert_eq!(again.status, 422);
    assert!(
        again
            .body
            .contains("A pull request already exists for acme:fix-1.")
    );

    let stale = send(
        github.url(),
        "PUT",
        "/repos/acme/app/pulls/4/merge",
        &[],
        r#"{"sha": "0000"}"#,
    )
    .await;
    assert_eq!(stale.status, 409);
    let merged = send(
        github.url(),
        "PUT",
        "/repos/acme/app/pulls/4/merge",
        &[],
        "",
    )
    .await;
    assert_eq!(
        (merged.status, merged.json()["merged"].as_bool()),
        (200, Some(true))
    );
    let pull = get(github.url(), "/repos/acme/app/pulls/4").await.json();
    assert_eq!(
        (pull["state"].as_str(), pull["merged"].as_bool()),
        (Some("closed"), Some(true))
    );
    assert_eq!(pull["merged_by"]["login"], "octo-agent");
    assert_eq!(pull["merge_commit_sha"], merged.json()["sha"]);
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues").await.numbers(),
        [2]
    );
    assert_eq!(
        send(
            github.url(),
            "PUT",
            "/repos/acme/app/pulls/4/merge",
            &[],
            ""
        )
        .await
        .status,
        405
    );
    let reopened = send(
        github.url(),
        "PATCH",
        "/repos/acme/app/issues/4",
        &[],
        r#"{"state": "open"}"#,
    )
    .await;
    assert_eq!(reopened.json()["state"], "closed", "merged is for ever");
}

#[tokio::test]
async fn another_branch_or_no_merge_closes_nothing() {
    let github = emulator_with(2).await;
    github.world(|world| {
        let aside = NewPull::from_branch("a", NewIssue::titled("A").body("Fixes #1")).onto("next");
        let aside = world.open_pull("acme/app", aside);
        world.merge_pull("acme/app", aside);
        let dropped = world.open_pull(
            "acme/app",
            NewPull::from_branch("b", NewIssue::titled("B").body("Fixes #2")),
        );
        world.close_pull("acme/app", dropped);
        assert!(
            world
                .issue("acme/app", dropped)
                .unwrap()
                .pull
                .as_ref()
                .unwrap()
                .merged_at
                .is_none()
        );
        assert_eq!(world.repo("acme/app").unwrap().open_issues(), 2);
    });
    let closed = get(github.url(), "/repos/acme/app/pulls?state=closed").await;
    assert_eq!(closed.numbers(), [4, 3]);
}

#[tokio::test]
async fn reviews_and_their_comments_are_listed() {
    let github = emulator_with(0).await;
    let (review, before, after) = github.world(|world| {
        let pull = world.open_pull("acme/app", NewPull::from_branch("b", "B"));
        let review = world.review(
            "acme/app",
            pull,
            ReviewState::ChangesRequested,
            NewComment::saying("No").by("rita"),
        );
        world.review_comment(
            "acme/app",
            pull,
            NewComment::saying("here").by("rita").in_review(review),
        );
        world.review_comment("acme/app", pull, NewComment::saying("and here").by_ghost());
        let sha = |world: &issuecommand_github_emulator::World| {
            world
                .issue("acme/app", pull)
                .unwrap()
                .pull
                .as_ref()
                .unwrap()
                .head_sha
                .clone()
        };
        let before = sha(world);
        let after = world.push("acme/app", pull);
        assert_eq!(sha(world), after);
        (review, before, after)
    });
    let reviews = get(github.url(), "/repos/acme/app/pulls/1/reviews")
        .await
        .json();
    assert_eq!(
        (reviews[0]["id"].as_u64(), reviews[0]["state"].as_str()),
        (Some(review), Some("CHANGES_REQUESTED"))
    );
    assert_eq!(reviews[0]["commit_id"], before.as_str());
    assert_eq!(
        reviews[1]["state"], "COMMENTED",
        "GitHub puts a review around a lone comment"
    );
    let comments = get(github.url(), "/repos/acme/app/pulls/1/comments").await;
    assert_eq!(comments.column("body"), ["here", "and here"]);
    assert_eq!(comments.json()[0]["pull_request_review_id"], review);
    assert!(
        comments.json()[0]["position"].is_null(),
        "outdated by the push"
    );
    assert!(comments.json()[1]["user"].is_null(), "a ghost");
    assert_eq!(
        get(github.url(), "/repos/acme/app/pulls/comments")
            .await
            .column("body")
            .len(),
        2
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/pulls/1").await.json()["head"]["sha"],
        after.as_str()
    );
    github.world(|world| world.dismiss_review("acme/app", 1, review));
    let reviews = get(github.url(), "/repos/acme/app/pulls/1/reviews").await;
    assert_eq!(reviews.column("state"), ["DISMISSED", "COMMENTED"]);
    github.world(|world| {
        world.close_pull("acme/app", 1);
        assert_eq!(world.issue("acme/app", 1).unwrap().state, State::Closed);
        world.reopen("acme/app", 1);
        assert_eq!(world.issue("acme/app", 1).unwrap().state, State::Open);
    });
}

#[tokio::test]
async fn the_commit_at_a_head_says_when_it_was_pushed() {
    let github = emulator_with(0).await;
    let (before, after, pushed_at) = github.world(|world| {
        let pull = world.open_pull("acme/app", NewPull::from_branch("b", "B"));
        world.advance(std::time::Duration::from_mins(1));
        let issue = world.issue("acme/app", pull).unwrap();
        let before = issue.pull.as_ref().unwrap().head_sha.clone();
        let after = world.push("acme/app", pull);
        let pushed_at = world.now().to_string();
        world.advance(std::time::Duration::from_mins(1));
        world.comment("acme/app", pull, NewComment::saying("Later"));
        (before, after, pushed_at)
    });
    let target = format!("/repos/acme/app/commits/{after}");
    let commit = get(github.url(), &target).await.json();
    assert_eq!(commit["commit"]["committer"]["date"], pushed_at.as_str());
    assert_eq!(commit["parents"][0]["sha"], before.as_str());
}
