//! Clocks that are wrong for a moment, and clocks that are set back for good.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, ClockSteps, Millis};
use issuecommand_core::engine::command::Answer;
use issuecommand_testkit::builders::{
    beat, finish_sync, issue, lease_proof, release, release_lease,
};

use super::clock_moves::{
    HOUR, LENGTH, TIMEOUT, YEAR, back, goes_stale_at, is_sane, lease, now, real, set, stale, steps,
    until,
};
use super::withheld_issues::called_closed;
use super::world::{API, World};

/// For forty seconds the clock is `ahead`: two claims are made and one is renewed, a sync ends, the lease is acquired. Then the
/// clock is right again.
async fn ahead_for_a_moment(world: &World, ahead: Millis) {
    let world = &real(world).await;
    let start = world.clock.now();
    let ann = world.claim("ann", API, 1).await;
    let dan = world.claim("dan", API, 4).await;
    set(world, ahead);
    assert_eq!(stale(world).await, 0);
    world.poll(API).await;
    let bob = world.claim("bob", API, 2).await;
    assert_eq!(bob.claimed_at, start.plus(ahead));
    let gone = world.claim("bob", API, 3).await;
    world.note(release(&gone)).await;
    world.note(beat(&dan)).await;
    world.note(finish_sync(SyncStats::default(), &[])).await;
    assert!(matches!(lease(world, "a").await, LeaseOutcome::Acquired(_)));
    world.clock.advance(Millis::seconds(29));
    assert!(matches!(lease(world, "a").await, LeaseOutcome::Acquired(_)));
    world.clock.advance(Millis::seconds(10));
    assert_eq!(stale(world).await, 0);
    set(world, Millis(Millis::seconds(1).0 - ahead.0));
    let right = start.plus(Millis::seconds(40));
    assert_eq!(world.clock.now(), right);

    // The lease acquired meanwhile expires as if the clock had been right.
    let LeaseOutcome::Held { until: end } = lease(world, "b").await else {
        panic!("the lease was lost")
    };
    assert!(end <= right.plus(LENGTH), "{end}");
    is_sane(world).await;
    assert_eq!(now(world, &bob).await.claimed_at, right);
    assert_eq!(now(world, &dan).await.last_updated, right);
    let eve = world.claim("eve", API, 5).await;
    assert_eq!((eve.claimed_at, eve.last_updated), (right, right));
    until(world, right.plus(LENGTH)).await;
    assert!(matches!(lease(world, "b").await, LeaseOutcome::Acquired(_)));

    // Claims without activity since before that time become stale as usual, the others counted from their last activity.
    goes_stale_at(world, start.plus(Millis::minutes(120))).await;
    assert_eq!(now(world, &ann).await.status, ClaimStatus::Stale);
    until(world, right.plus(Millis::minutes(120)).minus(Millis(1))).await;
    assert_eq!(stale(world).await, 0);
    until(world, right.plus(Millis::minutes(120))).await;
    assert_eq!(stale(world).await, 3);
    is_sane(world).await;
}

pub(super) async fn an_hour_ahead_for_a_moment_heals(world: &World) {
    ahead_for_a_moment(world, HOUR).await;
}

pub(super) async fn a_year_ahead_for_a_moment_heals(world: &World) {
    ahead_for_a_moment(world, YEAR).await;
}

/// For forty seconds the clock is behind.
async fn behind_for_a_moment(world: &World, behind: Millis) {
    let world = &real(world).await;
    let ann = world.claim("ann", API, 1).await;
    until(world, ann.claimed_at.plus(Millis::minutes(9))).await;
    let start = world.clock.now();
    set(world, back(behind));
    lease(world, "background").await;
    is_sane(world).await;
    world.clock.advance(Millis::seconds(20));
    world.poll(API).await;
    let bob = world.claim("bob", API, 2).await;
    assert_eq!(bob.claimed_at, world.clock.now());
    set(world, Millis(Millis::seconds(20).0 + behind.0));
    let right = start.plus(Millis::seconds(40));
    assert_eq!(world.clock.now(), right);
    assert_eq!(stale(world).await, 0);
    is_sane(world).await;
    // No claim becomes stale by it: times from when the clock went back, or later, are dated forward by the jump, which was
    // noticed 20 s late.
    let jump = Millis(behind.0 + Millis::seconds(20).0);
    assert_eq!(
        now(world, &bob).await.last_updated,
        bob.last_updated.plus(jump)
    );
    let heard = now(world, &ann).await.last_updated;
    assert_eq!(heard, start.plus(Millis::seconds(20)));
    until(world, right.plus(TIMEOUT).minus(Millis(1))).await;
    assert_eq!(stale(world).await, 0);
    until(world, right.plus(TIMEOUT)).await;
    assert_eq!(stale(world).await, 2);
}

pub(super) async fn an_hour_behind_for_a_moment_heals(world: &World) {
    behind_for_a_moment(world, HOUR).await;
}

pub(super) async fn a_year_behind_for_a_moment_heals(world: &World) {
    behind_for_a_moment(world, YEAR).await;
}

/// The clock is set back permanently: time continues from there, and staleness counts from there at the latest.
async fn back_for_good(world: &World, by: Millis) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    let LeaseOutcome::Acquired(proof) = lease(world, "a").await else {
        panic!("the lease was free")
    };
    let set_to = world.clock.now().minus(by);
    set(world, back(by));
    // Its holder keeps it.
    assert_eq!(
        lease(world, "a").await,
        LeaseOutcome::Acquired(proof.clone())
    );
    is_sane(world).await;
    world.poll(API).await;
    let bob = world.claim("bob", API, 2).await;
    assert_eq!(bob.claimed_at, set_to);
    world.note(release_lease(&proof)).await;
    until(world, set_to.plus(Millis::minutes(120)).minus(Millis(1))).await;
    assert_eq!(stale(world).await, 0);
    until(world, set_to.plus(Millis::minutes(120))).await;
    assert_eq!(stale(world).await, 2);
}

pub(super) async fn an_hour_back_for_good_is_gone_on_from(world: &World) {
    back_for_good(world, HOUR).await;
}

pub(super) async fn a_year_back_for_good_is_gone_on_from(world: &World) {
    back_for_good(world, YEAR).await;
}

pub(super) async fn work_due_in_a_wrong_future_is_done_on_time(world: &World) {
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    let world = &world.under_exactly(policy).await;
    world.mirror(API, [issue(1)]).await;
    let start = world.clock.now();
    set(world, YEAR);
    world.poll(API).await;
    let closed = called_closed(world, 1).await;
    assert!(matches!(
        closed,
        Answer::Claim {
            outbox: Some(_),
            ..
        }
    ));
    world.clock.set(start.plus(Millis::seconds(40)));
    lease(world, "a").await;
    let due = world
        .store
        .due_outbox(world.clock.now().plus(HOUR), 9)
        .await;
    assert_eq!(due.expect("the outbox is read").len(), 1);
}

/// A process that read the wrong time without writing it continues with the right one.
pub(super) async fn a_process_that_only_read_a_wrong_time_forgets_it(world: &World) {
    let world = &real(world).await;
    let other = &world.under_exactly(Policy::default()).await;
    let start = world.clock.now();
    for time in [start.plus(YEAR), start.minus(YEAR), start.plus(HOUR)] {
        world.clock.set(time);
        for at in [world, other] {
            at.note(release_lease(&lease_proof("none", "nobody", 1)))
                .await;
        }
        world.clock.set(start.plus(Millis::seconds(40)));
        for (n, at) in [(1, world), (2, other)] {
            let claim = at.claim("ann", API, n).await;
            assert_eq!(claim.claimed_at, start.plus(Millis::seconds(40)));
            at.note(release(&claim)).await;
        }
    }
    is_sane(world).await;
}

pub(super) async fn five_minutes_back_are_waited_out(world: &World) {
    let world = &real(world).await;
    let ann = world.claim("ann", API, 1).await;
    set(world, back(Millis::minutes(5)));
    let (beaten, _) = world.claimed(beat(&ann)).await;
    assert_eq!(beaten.last_updated, ann.last_updated);
    world.clock.advance(Millis(-1));
    let (beaten, _) = world.claimed(beat(&ann)).await;
    assert_eq!(beaten.last_updated, world.clock.now());
    is_sane(world).await;
}

pub(super) async fn health_tells_how_the_clock_went(world: &World) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    assert_eq!(steps(world).await, ClockSteps::default());
    let start = world.clock.now();
    set(world, YEAR);
    lease(world, "a").await;
    let told = steps(world).await.forward.expect("it is told");
    assert_eq!((told.from, told.to), (start, start.plus(YEAR)));
    set(world, back(YEAR));
    lease(world, "a").await;
    let told = steps(world).await.back.expect("it is told");
    assert_eq!((told.from, told.to), (start.plus(YEAR), start));
}
