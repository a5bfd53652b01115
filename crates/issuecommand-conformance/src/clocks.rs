//! Clocks that go wrong for a moment or for good, and processes that were suspended: what is stale when.

mod moves;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, ClockSteps, Millis};
use issuecommand_core::engine::command::Answer;
use issuecommand_testkit::builders::{
    beat, comment, finish_sync, issue, pull, release, release_lease, review, sweep,
};

use self::moves::{back, goes_stale_at, is_sane, lease, now, real, set, stale, steps, until};
use super::withheld_issues::called_closed;
use super::world::{API, World};

const HOUR: Millis = Millis::minutes(60);
const YEAR: Millis = Millis::minutes(365 * 24 * 60);
const LENGTH: Millis = Millis::seconds(30);
const TIMEOUT: Millis = Millis::minutes(120);

/// Forty seconds in which the clock is `ahead`: two claims are made and one is renewed, a run of the sync ends, the lease is
/// taken. Then it is right again.
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
    assert!(matches!(lease(world, "a").await, LeaseOutcome::Ours(_)));
    world.clock.advance(Millis::seconds(29));
    assert!(matches!(lease(world, "a").await, LeaseOutcome::Ours(_)));
    world.clock.advance(Millis::seconds(10));
    assert_eq!(stale(world).await, 0);
    set(world, Millis(Millis::seconds(1).0 - ahead.0));
    let right = start.plus(Millis::seconds(40));
    assert_eq!(world.clock.now(), right);

    // The lease that was taken meanwhile runs out when it would have.
    let LeaseOutcome::Theirs { until: end } = lease(world, "b").await else {
        panic!("the lease was lost")
    };
    assert!(end <= right.plus(LENGTH), "{end}");
    is_sane(world).await;
    assert_eq!(now(world, &bob).await.claimed_at, right);
    assert_eq!(now(world, &dan).await.last_updated, right);
    let eve = world.claim("eve", API, 5).await;
    assert_eq!((eve.claimed_at, eve.last_updated), (right, right));
    until(world, right.plus(LENGTH)).await;
    assert!(matches!(lease(world, "b").await, LeaseOutcome::Ours(_)));

    // Whoever was not heard of since before the moment goes stale as if it had not been, the others after they were heard of.
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

/// Forty seconds in which the clock is behind.
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
    // Nobody was silent by it: what had been dated to when the clock went back, or after it, is dated forward by the jump,
    // which was noticed 20 s late.
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

/// The clock is set back for good: time goes on from there, and silence counts from there at the latest.
async fn back_for_good(world: &World, by: Millis) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    let LeaseOutcome::Ours(proof) = lease(world, "a").await else {
        panic!("the lease was free")
    };
    let set_to = world.clock.now().minus(by);
    set(world, back(by));
    // Its holder goes on with it.
    assert_eq!(lease(world, "a").await, LeaseOutcome::Ours(proof.clone()));
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

pub(super) async fn an_hour_ahead_for_good_is_gone_on_from(world: &World) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    until(world, world.clock.now().plus(HOUR)).await;
    set(world, HOUR);
    let jumped = world.clock.now();
    assert_eq!(stale(world).await, 0);
    goes_stale_at(world, jumped.plus(TIMEOUT)).await;
}

pub(super) async fn a_year_ahead_for_good_makes_nothing_stale_before_the_timeout(world: &World) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    set(world, YEAR);
    assert_eq!(stale(world).await, 0);
    goes_stale_at(world, world.clock.now().plus(TIMEOUT)).await;
}

pub(super) async fn whoever_speaks_after_a_jump_is_not_stale(world: &World) {
    let world = &real(world).await;
    let ann = world.claim("ann", API, 1).await;
    let bob = world.claim("bob", API, 2).await;
    set(world, YEAR);
    assert_eq!(stale(world).await, 0);
    let silent = world.clock.now().plus(TIMEOUT);
    until(world, silent.minus(Millis(1))).await;
    world.note(beat(&ann)).await;
    goes_stale_at(world, silent).await;
    assert_eq!(now(world, &ann).await.status, ClaimStatus::Claimed);
    assert_eq!(now(world, &bob).await.status, ClaimStatus::Stale);
}

/// All processes slept, or there was none: the next one finds the database as it was hours ago.
pub(super) async fn a_night_in_which_nothing_ran_is_no_silence(world: &World) {
    let policy = Policy {
        stale_auto_release: Some(Millis::minutes(30)),
        ..Policy::default()
    };
    let world = &world.under_exactly(policy.clone()).await;
    world.mirror(API, (1..=3).map(issue)).await;
    let ann = world.claim("ann", API, 1).await;
    let bob = world.claim("bob", API, 2).await;
    world.moved(&bob, ClaimStatus::Stale).await;
    set(world, Millis(8 * HOUR.0));
    let woken = &world.under_exactly(policy).await;
    assert_eq!(stale(woken).await, 0);
    assert_eq!(now(woken, &bob).await.status, ClaimStatus::Stale);
    let woke = woken.clock.now();
    let end = woke.plus(Millis::minutes(30));
    until(woken, end.minus(Millis(1))).await;
    assert_eq!(stale(woken).await, 0);
    assert_eq!(now(woken, &bob).await.status, ClaimStatus::Stale);
    until(woken, end).await;
    assert_eq!(stale(woken).await, 0);
    assert_eq!(woken.holder(API, 2).await, None, "it was released");
    goes_stale_at(woken, woke.plus(TIMEOUT)).await;
    assert_eq!(now(woken, &ann).await.status, ClaimStatus::Stale);
}

/// The clock stood a year ahead for hours. Who was not heard of by that clock for the whole timeout went stale; that is undone
/// once. What was released, or called stale by its agent, stays so.
pub(super) async fn what_a_wrong_clock_marked_stale_is_undone_once(world: &World) {
    let policy = Policy {
        stale_auto_release: Some(Millis::minutes(240)),
        ..Policy::default()
    };
    let world = &world.under_exactly(policy).await;
    world.mirror(API, (1..=6).map(issue)).await;
    let bob = world.claim("bob", API, 2).await;
    goes_stale_at(world, bob.claimed_at.plus(TIMEOUT)).await;
    world.poll(API).await;
    let ann = world.claim("ann", API, 1).await;
    let carl = world.claim("carl", API, 3).await;
    let carl = world.moved(&carl, ClaimStatus::InProgress).await;
    let dan = world.claim("dan", API, 4).await;
    let start = world.clock.now();
    set(world, YEAR);
    assert_eq!(stale(world).await, 0);
    until(world, start.plus(YEAR).plus(HOUR)).await;
    world.moved(&dan, ClaimStatus::Stale).await;
    world.poll(API).await;
    let late = world.claim("late", API, 5).await;
    until(world, start.plus(YEAR).plus(TIMEOUT)).await;
    assert_eq!(stale(world).await, 2);
    until(world, start.plus(YEAR).plus(Millis::minutes(240))).await;
    assert_eq!(stale(world).await, 1);
    assert_eq!(world.holder(API, 2).await, None, "it was released");
    set(world, back(YEAR));
    let right = world.clock.now();

    for _ in 0..3 {
        assert_eq!(stale(world).await, 0);
        for (claim, status) in [
            (&ann, ClaimStatus::Claimed),
            (&carl, ClaimStatus::InProgress),
            (&late, ClaimStatus::Claimed),
        ] {
            let after = now(world, claim).await;
            assert_eq!(after.status, status);
            assert_eq!(after.history.len(), claim.history.len() + 2, "{after:?}");
            assert_eq!(after.last_updated, right);
        }
        assert_eq!(now(world, &dan).await.status, ClaimStatus::Stale);
        assert_eq!(world.holder(API, 2).await, None, "it stays released");
        is_sane(world).await;
        world.clock.advance(Millis::seconds(30));
    }
    until(world, right.plus(TIMEOUT).minus(Millis(1))).await;
    assert_eq!(stale(world).await, 0);
    until(world, right.plus(TIMEOUT)).await;
    assert_eq!(stale(world).await, 3);
    // They are silent by a right clock.
    assert_eq!(stale(world).await, 0);
    assert_eq!(now(world, &ann).await.status, ClaimStatus::Stale);
}

pub(super) async fn feedback_waits_for_its_author_whatever_the_clock_does(world: &World) {
    let world = &world.under_exactly(Policy::default()).await;
    world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let held = world.asked(pull(API, 8).said(comment(2))).await;
    let held = world
        .followed("dan", &held, FollowupStatus::InProgress)
        .await;
    set(world, YEAR);
    world.note(sweep()).await;
    world.given_nothing("bob").await;
    assert_eq!(world.followup(held.id).await, held);
    // Its author's agent has its whole window from the jump on.
    let jumped = world.clock.now();
    let open = jumped.plus(Policy::default().affinity);
    until(world, open.minus(Millis(1))).await;
    world.given_nothing("bob").await;
    let silent = jumped.plus(Policy::default().followup_stale);
    until(world, silent.minus(Millis(1))).await;
    world.note(sweep()).await;
    assert_eq!(world.followup(item.id).await.status, FollowupStatus::Queued);
    world.clock.advance(Millis(1));
    world.note(sweep()).await;
    assert_eq!(world.followup(held.id).await.status, FollowupStatus::Stale);
    assert_eq!(world.followup(item.id).await.status, FollowupStatus::Stale);
    world.given("bob").await;
}

pub(super) async fn nothing_is_trimmed_for_an_hour_after_a_jump(world: &World) {
    let world = &real(world).await;
    world.claim("ann", API, 1).await;
    let events = world.events().await.len();
    set(world, YEAR);
    let jumped = world.clock.now();
    world.note(sweep()).await;
    until(world, jumped.plus(HOUR).minus(Millis(1))).await;
    world.note(sweep()).await;
    assert!(world.events().await.len() >= events, "the log was trimmed");
    until(world, jumped.plus(HOUR)).await;
    world.note(sweep()).await;
    let left = world.events().await;
    assert!(
        left.iter().all(|event| event.timestamp >= jumped),
        "{left:?}"
    );
}

pub(super) async fn what_is_due_in_a_wrong_future_is_done_in_time(world: &World) {
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

/// A process that read the wrong time and wrote nothing by it goes on with the right one.
pub(super) async fn a_process_that_only_read_a_wrong_time_forgets_it(world: &World) {
    let world = &real(world).await;
    let other = &world.under_exactly(Policy::default()).await;
    let start = world.clock.now();
    for time in [start.plus(YEAR), start.minus(YEAR), start.plus(HOUR)] {
        world.clock.set(time);
        for at in [world, other] {
            at.note(release_lease(&none())).await;
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

fn none() -> LeaseProof {
    LeaseProof {
        name: "none".to_owned(),
        holder: "nobody".to_owned(),
        epoch: 1,
    }
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
