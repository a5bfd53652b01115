//! Several handles on the same data, as in several processes, keep every promise.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_testkit::builders::{acquire_lease, beat, claim, issue, key, next};

use super::world::{API, World, at_once, claim_of};

async fn another(world: &World) -> World {
    world.under(Policy::default()).await
}

pub(super) async fn writes_of_one_handle_are_read_by_the_other(world: &World) {
    let other = &another(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let ann = other.claim("ann", API, 1).await;
    assert_eq!(world.holder(API, 1).await.as_ref(), Some(&ann));
    let begun = world.moved(&ann, ClaimStatus::InProgress).await;
    assert_eq!(other.holder(API, 1).await, Some(begun));
    assert_eq!(other.everything().await, world.everything().await);
    let kinds = [EventKind::ClaimCreated, EventKind::ClaimUpdated];
    assert_eq!(other.kinds_after(0).await, kinds);
}

pub(super) async fn an_issue_has_one_owner_among_all(world: &World) {
    let others = [
        another(world).await,
        another(world).await,
        another(world).await,
    ];
    let worlds: Vec<&World> = others.iter().chain([world]).collect();
    world.mirror(API, (1..=25).map(issue)).await;
    let asked = (0..200).map(|n| claim(&format!("agent-{}", n % 8), API, 1 + n / 8));
    let outcomes = at_once(&worlds, asked).await;
    let mut fresh = 0;
    for outcome in outcomes {
        match outcome {
            Outcome::Done(Answer::Claim { idempotent, .. }) => fresh += i32::from(!idempotent),
            Outcome::Refused(Refusal::AlreadyClaimed { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(fresh, 25);
    for n in 1..=25 {
        assert!(world.holder(API, n).await.is_some(), "#{n}");
    }
    let events = world.events().await;
    assert_eq!(events.len(), 25);
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
}

pub(super) async fn next_gives_distinct_issues_to_all_handles(world: &World) {
    let others = [
        another(world).await,
        another(world).await,
        another(world).await,
    ];
    let worlds: Vec<&World> = others.iter().chain([world]).collect();
    world.mirror(API, (1..=60).map(issue)).await;
    let outcomes = at_once(&worlds, (0..60).map(|n| next(&format!("agent-{n}")))).await;
    let mut got = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Done(answer) => got.push(claim_of(answer).0.number.get()),
            other => panic!("somebody heard {other:?}"),
        }
    }
    got.sort_unstable();
    assert_eq!(got, (1..=60).collect::<Vec<_>>());
}

pub(super) async fn an_idempotency_key_is_shared_by_all_handles(world: &World) {
    let other = &another(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let asked = || next("ann").keyed(Some(key("k", "digest")));
    let first = world.note(asked()).await;
    assert_eq!(other.note(asked()).await, first);
}

pub(super) async fn a_lease_is_shared_by_all_handles(world: &World) {
    let other = &another(world).await;
    let take = |holder| acquire_lease("sync", holder, Millis::seconds(30));
    let ours = world.note(take("a")).await;
    assert!(matches!(ours, Answer::Lease(LeaseOutcome::Acquired(_))));
    assert!(matches!(
        other.note(take("b")).await,
        Answer::Lease(LeaseOutcome::Held { .. })
    ));
}

pub(super) async fn concurrent_heartbeats_are_all_applied(world: &World) {
    let other = &another(world).await;
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.pass(1);
    let outcomes = at_once(&[world, other], (0..40).map(|_| beat(&claim))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
    assert!(matches!(
        &outcomes[0],
        Outcome::Done(Answer::Claim {
            idempotent: true,
            ..
        })
    ));
}
