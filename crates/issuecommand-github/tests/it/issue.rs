//! Single issues: only a response about the requested issue is evidence.

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::{Issue, IssueLookup, IssueState, WithheldReason};
use issuecommand_core::ports::github::GitHub;
use issuecommand_github_emulator::{NewIssue, World};

use crate::setup::{Setup, app, client, failed, number, small_world, through_gh};

crate::setup::both_ways! {
    an_issue_is_seen_whole,
    an_issue_that_did_not_change_is_unchanged,
    a_pull_request_is_told_from_an_issue,
    what_is_not_there_is_doubtful_each_in_its_own_way,
    an_issue_of_a_renamed_repository_is_moved_until_the_new_name_is_known,
    a_credential_that_is_not_good_is_refused,
}

fn issue(seen: IssueLookup) -> (Issue, Option<String>) {
    match seen {
        IssueLookup::Issue { issue, etag } => (*issue, etag),
        other => panic!("no issue: {other:?}"),
    }
}

async fn an_issue_is_seen_whole() {
    let mut world = World::new();
    world.add_repo("acme/app");
    let opened = NewIssue::titled("Login loops")
        .body("Every time.")
        .label("bug")
        .label("P1")
        .assignee("ada")
        .milestone("v1")
        .by("grace");
    let opened = world.open_issue("acme/app", opened);
    let bare = world.open_issue("acme/app", NewIssue::titled("Bare").by_ghost());
    let setup = Setup::with(world).await;
    let (seen, _) = issue(
        setup
            .rest
            .issue(&app(), number(opened), None)
            .await
            .unwrap(),
    );
    assert_eq!(
        (seen.title.as_str(), seen.body.as_str()),
        ("Login loops", "Every time.")
    );
    assert_eq!(
        (seen.labels, seen.assignees),
        (
            vec!["bug".to_owned(), "P1".to_owned()],
            vec!["ada".to_owned()]
        )
    );
    assert_eq!(
        seen.milestone.map(|milestone| milestone.title).as_deref(),
        Some("v1")
    );
    assert_eq!(
        (seen.author.as_deref(), seen.state),
        (Some("grace"), IssueState::Open)
    );
    assert_eq!(seen.url, "https://github.com/acme/app/issues/1");
    let (seen, _) = issue(setup.rest.issue(&app(), number(bare), None).await.unwrap());
    assert_eq!(
        (seen.body.as_str(), seen.author, seen.milestone),
        ("", None, None)
    );
}

async fn an_issue_that_did_not_change_is_unchanged() {
    let setup = Setup::small().await;
    let (_, etag) = issue(setup.rest.issue(&app(), number(1), None).await.unwrap());
    assert_eq!(
        setup
            .rest
            .issue(&app(), number(1), etag.as_deref())
            .await
            .unwrap(),
        IssueLookup::Unchanged
    );
    let sent = setup.github.requests()[1]
        .header("if-none-match")
        .unwrap()
        .to_owned();
    assert!(sent.starts_with("W/\""), "as GitHub gave it: {sent}");
    setup.github.world(|world| world.close_issue("acme/app", 1));
    let (closed, _) = issue(
        setup
            .rest
            .issue(&app(), number(1), etag.as_deref())
            .await
            .unwrap(),
    );
    assert_eq!(closed.state, IssueState::Closed);
}

async fn a_pull_request_is_told_from_an_issue() {
    let mut world = small_world();
    let pull = world.open_pull("acme/app", "Fix");
    let setup = Setup::with(world).await;
    assert_eq!(
        setup.rest.issue(&app(), number(pull), None).await.unwrap(),
        IssueLookup::PullRequest
    );
}

async fn what_is_not_there_is_doubtful_each_in_its_own_way() {
    let mut world = small_world();
    world.add_repo("acme/other");
    let deleted = world.open_issue("acme/app", "Deleted");
    let moved = world.open_issue("acme/app", "Moved");
    world.delete_issue("acme/app", deleted);
    world.transfer_issue("acme/app", moved, "acme/other");
    let setup = Setup::with(world).await;
    for (asked, reason) in [
        (deleted, WithheldReason::Gone),
        (moved, WithheldReason::Moved),
        (99, WithheldReason::NotFound),
    ] {
        let seen = setup.rest.issue(&app(), number(asked), None).await.unwrap();
        assert_eq!(seen, IssueLookup::Withheld(reason), "#{asked}");
    }
    // gh follows the redirect anyway, and its result is ignored.
    let asked = if through_gh() { 4 } else { 3 };
    assert_eq!(
        setup.github.requests().len(),
        asked,
        "no redirect is followed for a single issue"
    );
    setup.github.world(|world| world.remove_access("acme/app"));
    let seen = setup.rest.issue(&app(), number(1), None).await.unwrap();
    assert_eq!(seen, IssueLookup::Withheld(WithheldReason::NotFound));
}

async fn an_issue_of_a_renamed_repository_is_moved_until_the_new_name_is_known() {
    let setup = Setup::small().await;
    setup
        .github
        .world(|world| world.rename_repo("acme/app", "acme/product"));
    let seen = setup.rest.issue(&app(), number(1), None).await.unwrap();
    assert_eq!(seen, IssueLookup::Withheld(WithheldReason::Moved));
    let present = setup.rest.repo(&app()).await.unwrap().name;
    issue(setup.rest.issue(&present, number(1), None).await.unwrap());
}

async fn a_credential_that_is_not_good_is_refused() {
    let setup = Setup::small().await;
    let stranger = client(setup.github.url(), "wrong-token", &setup.clock, |_| {});
    let error = failed(
        stranger.issue(&app(), number(1), None).await,
        GithubErrorKind::Refused,
    );
    assert_eq!(
        error.detail,
        "GET /repos/acme/app/issues/1: 401: Bad credentials"
    );
    assert_eq!(error.retry_after, None);
}
