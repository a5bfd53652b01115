//! Closing an issue: once, and only the requested one.

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::IssueState;
use issuecommand_github_emulator::{Fault, State, StateReason};

use crate::setup::{Setup, close, failed, number, small_world};

crate::setup::both_ways! {
    an_issue_is_closed_as_completed,
    a_closed_issue_stays_as_it_is,
    a_renamed_repository_is_followed_to_close_its_issue,
    a_transferred_issue_is_not_closed_where_it_went,
    a_pull_request_is_not_closed,
    what_is_not_there_or_not_ours_is_told,
    a_write_is_sent_once_whatever_becomes_of_it,
    an_answer_that_leaves_the_issue_open_is_no_success,
}

const CLOSE: &str = "PATCH /repos/acme/**";

fn standing(setup: &Setup, repo: &str, issue: u64) -> (State, Option<StateReason>) {
    setup.github.world(|world| {
        let issue = world.issue(repo, issue).unwrap();
        (issue.state, issue.state_reason)
    })
}

async fn an_issue_is_closed_as_completed() {
    let setup = Setup::small().await;
    let issue = close(&setup.rest, 1).await.unwrap();
    assert_eq!((issue.number, issue.state), (number(1), IssueState::Closed));
    assert_eq!(
        standing(&setup, "acme/app", 1),
        (State::Closed, Some(StateReason::Completed))
    );
}

async fn a_closed_issue_stays_as_it_is() {
    let setup = Setup::small().await;
    setup
        .github
        .world(|world| world.close_issue_as("acme/app", 1, StateReason::NotPlanned));
    let issue = close(&setup.rest, 1).await.unwrap();
    assert_eq!(issue.state, IssueState::Closed);
    assert_eq!(
        standing(&setup, "acme/app", 1),
        (State::Closed, Some(StateReason::NotPlanned))
    );
    assert!(setup.github.requests_to(CLOSE).is_empty());
}

async fn a_renamed_repository_is_followed_to_close_its_issue() {
    let setup = Setup::small().await;
    setup
        .github
        .world(|world| world.rename_repo("acme/app", "acme/product"));
    close(&setup.rest, 1).await.unwrap();
    assert_eq!(standing(&setup, "acme/product", 1).0, State::Closed);
}

async fn a_transferred_issue_is_not_closed_where_it_went() {
    let setup = Setup::small().await;
    let moved = setup.github.world(|world| {
        world.add_repo("acme/other");
        world.transfer_issue("acme/app", 1, "acme/other")
    });
    let closed = close(&setup.rest, 1).await;
    failed(closed, GithubErrorKind::NotFound);
    assert_eq!(standing(&setup, "acme/other", moved).0, State::Open);
}

async fn a_pull_request_is_not_closed() {
    let mut world = small_world();
    let pull = world.open_pull("acme/app", "Fix");
    let setup = Setup::with(world).await;
    let closed = close(&setup.rest, pull).await;
    failed(closed, GithubErrorKind::Unexpected);
    assert_eq!(standing(&setup, "acme/app", pull).0, State::Open);
}

async fn what_is_not_there_or_not_ours_is_told() {
    let setup = Setup::small().await;
    failed(close(&setup.rest, 9).await, GithubErrorKind::NotFound);
    setup
        .github
        .world(|world| world.set_writable("acme/app", false));
    let closed = close(&setup.rest, 1).await;
    let error = failed(closed, GithubErrorKind::Refused);
    assert!(
        error
            .detail
            .starts_with("PATCH /repos/acme/app/issues/1: 403: "),
        "{error}"
    );
}

async fn a_write_is_sent_once_whatever_becomes_of_it() {
    for fault in [Fault::status(502), Fault::break_off()] {
        let setup = Setup::small().await;
        setup.github.fault(CLOSE, fault);
        let closed = close(&setup.rest, 1).await;
        failed(closed, GithubErrorKind::Unreachable);
        assert_eq!(setup.github.requests_to(CLOSE).len(), 1);
    }
}

async fn an_answer_that_leaves_the_issue_open_is_no_success() {
    let setup = Setup::small().await;
    let open = r#"{"number": 1, "title": "a", "state": "open", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "html_url": "u"}"#;
    setup.github.fault(CLOSE, Fault::text(open));
    let closed = close(&setup.rest, 1).await;
    failed(closed, GithubErrorKind::Unexpected);
    assert_eq!(setup.github.requests_to(CLOSE).len(), 1);
}
