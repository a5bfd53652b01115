//! Issues that GitHub does not show, or that were reported closed, are not offered, and no claim is lost by it.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::issue::{IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{finish_poll, issue, local, record_issue, record_issues};

use super::mirror::asked;
use super::readiness::codes;
use super::world::{API, World};

fn doubtful(n: i64, reason: WithheldReason) -> Command {
    record_issue(API, n, IssueLookup::Withheld(reason))
}

/// A claim of `ann`, who then reports its issue closed.
pub(super) async fn called_closed(world: &World, n: i64) -> Answer {
    let claim = world.claim("ann", API, n).await;
    for to in [
        ClaimStatus::InProgress,
        ClaimStatus::PrSubmitted,
        ClaimStatus::PrMerged,
    ] {
        world.note(with_pull(&claim, to)).await;
    }
    world.note(with_pull(&claim, ClaimStatus::Closed)).await
}

fn with_pull(claim: &Claim, to: ClaimStatus) -> Command {
    let action = Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to,
        note: None,
        pr_url: Some("https://github.com/acme/api/pull/77".to_owned()),
    };
    Command::new(&local(), action)
}

async fn is_offered(world: &World) -> bool {
    world.offered(&IssueFilter::default()).await == [1]
}

pub(super) async fn a_holder_is_told_and_keeps_its_claim(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let mut claim = world.claim("ann", API, 1).await;
    world.pass(5);
    let mut notices = Vec::new();
    for reason in [
        WithheldReason::NotFound,
        WithheldReason::Gone,
        WithheldReason::Moved,
    ] {
        let seq = world.last_event().await;
        world.note(doubtful(1, reason)).await;
        assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
        let told = world.holder(API, 1).await.expect("it is held");
        claim.notice.clone_from(&told.notice);
        assert_eq!(told, claim, "nothing else changed");
        notices.push(told.notice.expect("it is told"));
        // The same once more, later, changes nothing.
        world.pass(1);
        let before = (world.everything().await, world.row(API, 1).await);
        world.note(doubtful(1, reason)).await;
        assert_eq!((world.everything().await, world.row(API, 1).await), before);
    }
    notices.dedup();
    assert_eq!(notices.len(), 3, "{notices:?}");
    let seq = world.last_event().await;
    world.note(asked(issue(1), None)).await;
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
    claim.notice = None;
    assert_eq!(world.holder(API, 1).await, Some(claim));
}

pub(super) async fn it_is_offered_when_github_shows_it_again(world: &World) {
    world.mirror(API, [issue(1)]).await;
    for again in [record_issues(API, [issue(1)]), asked(issue(1), None)] {
        world.note(asked(issue(1), Some("\"a\""))).await;
        world.note(doubtful(1, WithheldReason::NotFound)).await;
        let row = world.row(API, 1).await;
        assert_eq!(
            (row.withheld, row.etag),
            (Some((WithheldReason::NotFound, world.clock.now())), None)
        );
        assert!(!is_offered(world).await);
        // A poll without the row is no evidence.
        world.pass(1);
        world.poll(API).await;
        assert!(!is_offered(world).await);
        world.note(again).await;
        assert_eq!(world.row(API, 1).await.withheld, None);
        assert!(is_offered(world).await);
    }
}

pub(super) async fn an_unmirrored_issue_cannot_be_withheld(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let before = world.everything().await;
    world.note(doubtful(9, WithheldReason::NotFound)).await;
    assert_eq!(world.everything().await, before);
}

pub(super) async fn an_issue_reported_closed_is_withheld_until_the_next_poll(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let early = world.clock.now();
    world.pass(1);
    called_closed(world, 1).await;
    let at = world.clock.now();
    assert_eq!(
        world.row(API, 1).await.withheld,
        Some((WithheldReason::CalledClosed, at))
    );
    world.pass(1);
    // A poll that began before the report is no evidence, however late it ends, nor are its rows.
    world.note(record_issues(API, [issue(1)])).await;
    world.note(finish_poll(API, early)).await;
    world.note(finish_poll(API, at)).await;
    // Nor is one that could not read every row, because the issue's row may be missing.
    let mut gappy = finish_poll(API, at.plus(Millis(1)));
    if let Action::FinishPoll { reading, .. } = &mut gappy.action {
        reading.gaps = true;
    }
    world.note(gappy).await;
    assert!(!is_offered(world).await);
    world
        .note(finish_poll("acme/API", at.plus(Millis(1))))
        .await;
    assert_eq!(world.row(API, 1).await.withheld, None);
    // Its work is done all the same.
    assert_eq!(codes(world, 1).await, [ReasonCode::MergedPr]);
    assert!(!is_offered(world).await);
}

pub(super) async fn an_issue_reported_closed_is_withheld_until_github_shows_it_open(world: &World) {
    world.mirror(API, [issue(1)]).await;
    called_closed(world, 1).await;
    world.note(asked(issue(1), None)).await;
    assert_eq!(world.row(API, 1).await.withheld, None);
    assert_eq!(codes(world, 1).await, [ReasonCode::MergedPr]);
}

pub(super) async fn an_issue_reported_closed_and_reopened_is_offered(world: &World) {
    world.mirror(API, [issue(1)]).await;
    called_closed(world, 1).await;
    world
        .note(record_issues(API, [issue(1).closed().changed(1)]))
        .await;
    assert_eq!(world.row(API, 1).await.withheld, None);
    assert!(!is_offered(world).await);
    world.note(record_issues(API, [issue(1).changed(2)])).await;
    assert!(is_offered(world).await);
}

pub(super) async fn a_poll_confirms_only_its_own_repository(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.mirror("acme/web", [issue(2)]).await;
    called_closed(world, 1).await;
    world.pass(1);
    world.poll("acme/web").await;
    assert!(world.row(API, 1).await.withheld.is_some());
    world.poll(API).await;
    assert_eq!(world.row(API, 1).await.withheld, None);
}

pub(super) async fn an_issue_with_a_pending_close_is_not_offered(world: &World) {
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.mirror(API, [issue(1)]).await;
    called_closed(world, 1).await;
    let at = world.clock.now();
    world.pass(1);
    for open in [
        record_issues(API, [issue(1)]),
        asked(issue(1).changed(1), None),
    ] {
        world.note(open).await;
        world.poll(API).await;
        assert_eq!(
            world.row(API, 1).await.withheld,
            Some((WithheldReason::Closing, at))
        );
        assert!(!is_offered(world).await);
    }
    world.note(asked(issue(1).closed().changed(2), None)).await;
    assert_eq!(world.row(API, 1).await.withheld, None);
    assert!(!is_offered(world).await);
    world.note(record_issues(API, [issue(1).changed(3)])).await;
    assert!(is_offered(world).await);
}
