//! Deliveries about issues update the mirror and the claims at once.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::issue::{
    Issue, IssueFacts, IssueFilter, IssueState, RelationCount, Said, WithheldReason,
};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::Refetch;
use issuecommand_testkit::builders::{issue, minute, number, record_issues, repo, told};

use super::world::{API, World};

/// An issue that last changed at that minute.
fn at(n: i64, draft: issuecommand_testkit::builders::IssueDraft) -> Issue {
    Issue {
        updated_at: minute(n),
        ..draft.build()
    }
}

async fn held(world: &World) -> Claim {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim("ann", API, 1).await
}

async fn offered(world: &World) -> Vec<i64> {
    world.offered(&IssueFilter::default()).await
}

pub(super) async fn a_new_issue_is_on_offer_at_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    for (n, action) in [(2, "opened"), (3, "edited"), (4, "reopened")] {
        let row = issue(n).labels(&["p0"]).build();
        world.happens(told(API, row.clone(), action)).await;
        let stored = world.row(API, n).await;
        assert_eq!((stored.facts, stored.withheld), (row, None));
        assert_eq!(
            (stored.rank, stored.checked_at),
            (Priority::Critical, world.clock.now())
        );
    }
    assert_eq!(offered(world).await, [2, 3, 4, 1]);
}

pub(super) async fn a_claim_follows_its_issue(world: &World) {
    let claim = held(world).await;
    let changed = issue(1).title("Other").labels(&["bug"]).assignees(&["ann"]);
    let seq = world.last_event().await;
    world.happens(told(API, at(1, changed), "edited")).await;
    let after = world.holder(API, 1).await.expect("it is held");
    let expected = Claim {
        title: "Other".to_owned(),
        labels: vec!["bug".to_owned()],
        assignees: vec!["ann".to_owned()],
        ..claim
    };
    assert_eq!(after, expected);
    let event = &world.events_after(seq).await[0];
    assert_eq!(
        (event.kind, event.claim),
        (EventKind::ClaimUpdated, Some(after.id))
    );
    assert!(matches!(
        event.details,
        Details::Moved {
            source: EventOrigin::Webhook,
            ..
        }
    ));
    // The older state is ignored.
    let seq = world.last_event().await;
    world
        .happens(told(API, at(0, issue(1).title("Old")), "edited"))
        .await;
    assert_eq!(world.holder(API, 1).await, Some(after));
    assert_eq!(world.row(API, 1).await.facts.title, "Other");
    assert_eq!(world.kinds_after(seq).await, [EventKind::WebhookReceived]);
}

pub(super) async fn a_closed_issue_closes_its_claim(world: &World) {
    let claim = held(world).await;
    let seq = world.last_event().await;
    world
        .happens(told(API, at(1, issue(1).closed()), "closed"))
        .await;
    assert_eq!(world.holder(API, 1).await, None);
    let [ended] = &world.ended().await[..] else {
        panic!("one claim was to end")
    };
    assert_eq!((ended.id, ended.status), (claim.id, ClaimStatus::Closed));
    let kinds = world.kinds_after(seq).await;
    assert_eq!(kinds, [EventKind::ClaimUpdated, EventKind::WebhookReceived]);
    assert_eq!(offered(world).await, [2]);
    // For an unclaimed issue only the mirror changes.
    world
        .happens(told(API, at(1, issue(2).closed()), "closed"))
        .await;
    assert_eq!(offered(world).await, [0; 0]);
    assert_eq!(world.row(API, 2).await.facts.state, IssueState::Closed);
    world.happens(told(API, at(2, issue(2)), "reopened")).await;
    assert_eq!(offered(world).await, [2]);
}

pub(super) async fn a_stale_claim_is_closed_too(world: &World) {
    let claim = held(world).await;
    world.moved(&claim, ClaimStatus::Stale).await;
    world
        .happens(told(API, at(1, issue(1).closed()), "closed"))
        .await;
    assert_eq!(world.holder(API, 1).await, None);
}

pub(super) async fn a_late_close_closes_the_claim_of_that_time(world: &World) {
    let claim = held(world).await;
    // Reopened after the grace period.
    world.happens(told(API, at(25, issue(1)), "reopened")).await;
    assert_eq!(world.holder(API, 1).await.as_ref(), Some(&claim));
    world
        .happens(told(API, at(4, issue(1).closed()), "closed"))
        .await;
    assert_eq!(world.holder(API, 1).await, None);
    // The issue is open again, and a new claim is independent of the earlier one.
    assert_eq!(offered(world).await, [1, 2]);
    world.pass(10);
    world.poll(API).await;
    let bob = world.claim("bob", API, 1).await;
    world
        .happens(told(API, at(4, issue(1).closed()), "closed"))
        .await;
    assert_eq!(world.holder(API, 1).await, Some(bob));
}

pub(super) async fn an_unavailable_issue_is_withheld_and_its_holder_notified(world: &World) {
    for (n, action, reason) in [
        (1, "deleted", WithheldReason::Gone),
        (2, "transferred", WithheldReason::Moved),
    ] {
        world.mirror(API, [issue(n), issue(n + 2)]).await;
        let claim = world.claim("ann", API, n).await;
        let seq = world.last_event().await;
        world.happens(told(API, at(1, issue(n)), action)).await;
        let after = world.holder(API, n).await.expect("it proves nothing");
        let notice = after.notice.clone().expect("its holder is told");
        assert_eq!(
            after,
            Claim {
                notice: after.notice.clone(),
                ..claim
            }
        );
        let event = &world.events_after(seq).await[0];
        assert_eq!(
            (event.kind, event.claim),
            (EventKind::ClaimUpdated, Some(after.id))
        );
        assert!(
            matches!(&event.details, Details::Moved { note: Some(note), .. } if *note == notice)
        );
        let gone = Some((reason, world.clock.now()));
        assert_eq!(world.row(API, n).await.withheld, gone);
        // Earlier deliveries may still arrive, and so may duplicates.
        world.happens(told(API, at(1, issue(n)), action)).await;
        world
            .happens(told(API, at(0, issue(n).title("Late")), "edited"))
            .await;
        world.happens(told(API, at(1, issue(n)), "labeled")).await;
        assert_eq!(world.row(API, n).await.withheld, gone);
        assert_eq!(world.holder(API, n).await, Some(after));
        // Without a claim, there is no notification.
        world.happens(told(API, at(1, issue(n + 2)), action)).await;
        assert_eq!(offered(world).await, [0; 0]);
    }
}

pub(super) async fn an_issue_unavailable_before_it_was_known_is_not_offered(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.happens(told(API, at(2, issue(5)), "deleted")).await;
    world.happens(told(API, at(1, issue(5)), "opened")).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn contradictory_evidence_of_one_time_is_refetched(world: &World) {
    held(world).await;
    world
        .happens(told(API, at(1, issue(2).title("One")), "edited"))
        .await;
    world
        .happens(told(API, at(1, issue(2).title("One")), "labeled"))
        .await;
    let other = told(API, at(1, issue(2).title("Two")), "edited");
    let (_, look) = world.delivered(other).await;
    assert_eq!(look, Some(Refetch::Issue(repo(API), number(2))));
}

pub(super) async fn facts_that_not_every_message_has_contradict_nothing(world: &World) {
    held(world).await;
    let blocked_by = |total| {
        let facts = IssueFacts {
            kind: Said::Is("Bug".to_owned()),
            blockers: Some(RelationCount { open: 0, total }),
            ..IssueFacts::default()
        };
        at(1, issue(2).title("One").more(facts))
    };
    // A delivery that is settled refetches nothing.
    world.happens(told(API, blocked_by(1), "edited")).await;
    world.happens(told(API, blocked_by(2), "labeled")).await;
    world
        .happens(told(API, at(1, issue(2).title("One")), "labeled"))
        .await;
    let before = world.row(API, 2).await;
    world.pass(1);
    world.note(record_issues(API, [blocked_by(0)])).await;
    assert_eq!(world.row(API, 2).await, before, "the row stays as it is");
}

pub(super) async fn an_unknown_repository_becomes_known(world: &World) {
    world.happens(told("acme/new", issue(1), "opened")).await;
    let place = world.repo("acme/new").await.expect("it is known by now");
    // An organization's hook covers repositories that the credential does not see, so GitHub must show it first.
    assert!(!place.offered && place.synced_at.is_none());
    assert_eq!(offered(world).await, [0; 0]);
    world
        .note(issuecommand_testkit::builders::record_repos(&[
            issuecommand_testkit::builders::facts("acme/new"),
        ]))
        .await;
    assert_eq!(offered(world).await, [1]);
}
