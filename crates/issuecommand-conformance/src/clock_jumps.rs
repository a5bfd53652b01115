//! Clocks that jump forward for good, and processes that were suspended: the jump is not silence.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_testkit::builders::{beat, comment, issue, pull, review, sweep};

use super::clock_moves::{
    HOUR, TIMEOUT, YEAR, back, goes_stale_at, is_sane, now, real, set, stale, until,
};
use super::world::{API, World};

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

pub(super) async fn an_agent_active_after_a_jump_is_not_stale(world: &World) {
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

/// All processes slept or none ran. The next one finds the database hours old.
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

/// The clock was a year ahead for hours. Claims without activity for the whole timeout by that clock became stale, which is
/// undone once. Claims that were released, or set to stale by their agent, stay so.
pub(super) async fn staleness_from_a_wrong_clock_is_undone_once(world: &World) {
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
    // They are silent by a correct clock.
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
    // Its author's agent has the whole window from the jump on.
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
