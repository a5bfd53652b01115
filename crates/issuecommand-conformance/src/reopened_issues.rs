//! Issues that GitHub closes and that are reopened soon after: the claim is restored.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::issue::{Issue, IssueFilter};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::Command;
use issuecommand_testkit::builders::{claim, deliver, issue, record_issues, told};

use super::mirror::asked;
use super::withheld_issues::called_closed;
use super::world::{API, World};

/// Issue 1, closed so many minutes after it was opened.
fn closed(minutes: i64) -> Issue {
    issue(1).closed().changed(minutes).build()
}

fn open(minutes: i64) -> Issue {
    issue(1).changed(minutes).build()
}

/// Every source of the same change.
fn words(n: &str, issue: &Issue) -> [Command; 3] {
    let action = if issue.state == issuecommand_core::domain::issue::IssueState::Open {
        "reopened"
    } else {
        "closed"
    };
    [
        deliver(n, told(API, issue.clone(), action)),
        record_issues(API, [issue.clone()]),
        asked(issue.clone(), None),
    ]
}

async fn held(world: &World) -> Claim {
    world.mirror(API, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.moved(&claim, ClaimStatus::InProgress).await
}

pub(super) async fn reopened_in_time_the_claim_is_its_agents_again(world: &World) {
    let was = held(world).await;
    let mut minutes = 0;
    for n in 0..3 {
        let before = world.holder(API, 1).await.expect("it is held");
        minutes += 10;
        world
            .note(words(&format!("c-{n}"), &closed(minutes))[n].clone())
            .await;
        assert_eq!(world.holder(API, 1).await, None);
        world.refused(claim("bob", API, 1)).await;
        world.pass(1);
        minutes += 15;
        let seq = world.last_event().await;
        world
            .note(words(&format!("o-{n}"), &open(minutes))[n].clone())
            .await;
        let kinds = world.kinds_after(seq).await;
        assert!(kinds.contains(&EventKind::ClaimUpdated), "{kinds:?}");
        let is = world.holder(API, 1).await.expect("it is held again");
        assert_eq!(
            (is.id, is.status, &is.agent),
            (was.id, was.status, &was.agent)
        );
        assert_eq!(is.history.len(), before.history.len() + 2);
        assert_eq!(is.github_closed_at, None);
        assert_eq!(world.offered(&IssueFilter::default()).await, [2]);
        assert_eq!(world.ended().await, []);
        // A duplicate changes nothing.
        let everything = world.everything().await;
        world.note(record_issues(API, [open(minutes)])).await;
        assert_eq!(world.everything().await, everything);
    }
    world
        .claimed(issuecommand_testkit::builders::beat(&was))
        .await;
}

pub(super) async fn an_issue_reopened_late_is_free(world: &World) {
    held(world).await;
    world.note(asked(closed(10), None)).await;
    world.note(asked(open(26), None)).await;
    assert_eq!(world.holder(API, 1).await, None);
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 2]);
    world.claim("bob", API, 1).await;
}

pub(super) async fn the_grace_can_be_another_or_none(world: &World) {
    world.mirror(API, [issue(1)]).await;
    for (minutes, back) in [(0, false), (60, true)] {
        let grace = Millis::minutes(minutes);
        let policy = Policy {
            reopen_grace: (minutes > 0).then_some(grace),
            ..Policy::default()
        };
        let world = &world.under(policy).await;
        let start = minutes * 100;
        world.note(asked(open(start), None)).await;
        if world.holder(API, 1).await.is_none() {
            world.claim("ann", API, 1).await;
        }
        world.note(asked(closed(start + 10), None)).await;
        world.note(asked(open(start + 60), None)).await;
        assert_eq!(world.holder(API, 1).await.is_some(), back, "{minutes}");
    }
}

pub(super) async fn a_claim_ended_by_its_agent_stays_ended(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    called_closed(world, 1).await;
    world.note(asked(closed(10), None)).await;
    world.note(asked(open(12), None)).await;
    assert_eq!(world.holder(API, 1).await, None);
    let ann = world.claim("ann", API, 1).await;
    world
        .note(issuecommand_testkit::builders::release(&ann))
        .await;
    world.note(asked(closed(20), None)).await;
    world.note(asked(open(22), None)).await;
    assert_eq!(world.holder(API, 1).await, None);
}

pub(super) async fn the_current_holder_keeps_the_issue(world: &World) {
    held(world).await;
    world.note(asked(closed(10), None)).await;
    world.note(asked(open(30), None)).await;
    let bob = world.claim("bob", API, 1).await;
    // Of two claims that ended so, the later one is restored.
    world.note(asked(closed(40), None)).await;
    world.note(asked(open(41), None)).await;
    assert_eq!(
        world.holder(API, 1).await.map(|claim| claim.id),
        Some(bob.id)
    );
    assert_eq!(world.ended().await.len(), 1);
}

pub(super) async fn the_order_of_deliveries_does_not_matter(world: &World) {
    let was = held(world).await;
    world.pass(60);
    let now = (world.clock.now().0 - issue(1).build().created_at.0) / 60_000;
    let (closed, open) = (closed(now - 10), open(now - 5));
    world.note(deliver("o", told(API, open, "reopened"))).await;
    world.note(deliver("c", told(API, closed, "closed"))).await;
    assert_eq!(
        world.holder(API, 1).await.map(|claim| claim.id),
        Some(was.id)
    );
    assert_eq!(world.offered(&IssueFilter::default()).await, [2]);
}
