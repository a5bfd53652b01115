//! The steps and checks that the cases of clocks share.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, ClockSteps, Millis, Timestamp};
use issuecommand_core::engine::command::Answer;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{acquire_lease, issue, sweep};

use super::world::{API, World};

pub(super) const HOUR: Millis = Millis::minutes(60);
pub(super) const YEAR: Millis = Millis::minutes(365 * 24 * 60);
/// The length of a lease.
pub(super) const LENGTH: Millis = Millis::seconds(30);
/// The time until a claim is stale.
pub(super) const TIMEOUT: Millis = Millis::minutes(120);

/// The world as a program has it, where a jump has its grace.
pub(super) async fn real(world: &World) -> World {
    let world = world.under_exactly(Policy::default()).await;
    world.mirror(API, (1..=6).map(issue)).await;
    world
}

/// Sets the clock that much ahead, or back.
pub(super) fn set(world: &World, by: Millis) {
    world.clock.advance(by);
}

pub(super) fn back(by: Millis) -> Millis {
    Millis(-by.0)
}

pub(super) async fn steps(world: &World) -> ClockSteps {
    let condition = world.store.condition().await;
    condition.expect("the database is looked at").steps
}

/// How many claims a sweep finds stale now.
pub(super) async fn stale(world: &World) -> u64 {
    match world.note(sweep()).await {
        Answer::Tally { tally, .. } => tally.stale_marked,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn lease(world: &World, holder: &str) -> LeaseOutcome {
    match world.note(acquire_lease("sync", holder, LENGTH)).await {
        Answer::Lease(taken) => taken,
        other => panic!("{other:?}"),
    }
}

/// Lets ordinary time pass, in which every process reads the clock each few minutes, until `at`.
pub(super) async fn until(world: &World, at: Timestamp) {
    while world.clock.now() < at {
        let left = Millis(at.0 - world.clock.now().0);
        world.clock.advance(left.min(Millis::minutes(9)));
        world
            .note(acquire_lease("tick", "background", LENGTH))
            .await;
    }
    assert_eq!(world.clock.now(), at);
}

/// A claim goes stale at this moment, and not a moment before.
pub(super) async fn goes_stale_at(world: &World, at: Timestamp) {
    until(world, at.minus(Millis(1))).await;
    assert_eq!(stale(world).await, 0, "a moment before");
    until(world, at).await;
    assert_eq!(stale(world).await, 1);
}

pub(super) async fn now(world: &World, claim: &Claim) -> Claim {
    let holder = world.holder(API, claim.number.get()).await;
    holder.expect("it is held")
}

/// Nothing is dated later than the clock, and the log is in order.
pub(super) async fn is_sane(world: &World) {
    let now = world.clock.now();
    let claims = world.claims(&ClaimFilter::default()).await;
    for claim in claims.iter().chain(&world.ended().await) {
        assert!(
            claim.claimed_at <= now && claim.last_updated <= now,
            "{claim:?}"
        );
        let history: Vec<_> = claim.history.iter().map(|entry| entry.timestamp).collect();
        assert!(
            history.is_sorted() && history.last() <= Some(&now),
            "{claim:?}"
        );
    }
    let times = world.event_times().await;
    assert!(times.is_sorted() && times.last() <= Some(&now), "{times:?}");
    assert!(world.health().await.last_sync <= Some(now));
    for item in world.followups().await {
        assert!(
            item.last_updated <= now && item.window_from <= now,
            "{item:?}"
        );
    }
}
