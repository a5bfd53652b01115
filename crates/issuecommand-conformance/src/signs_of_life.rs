//! Staleness goes by the last sign of life: a call from the session that holds, a push, a heartbeat.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::time::{Clock as _, Millis, Timestamp};
use issuecommand_testkit::builders::{claim, pull, sweep};

use super::world::session::within;
use super::world::{API, World};

const MINUTE: i64 = 60_000;

/// Sweeps, and answers which of these issues have a stale claim.
async fn stale(world: &World) -> Vec<i64> {
    world.note(sweep()).await;
    let filter = issuecommand_core::ports::store::ClaimFilter {
        status: Some(ClaimStatus::Stale),
        ..Default::default()
    };
    let claims = world.claims(&filter).await;
    let mut numbers: Vec<i64> = claims.iter().map(|claim| claim.number.get()).collect();
    numbers.sort_unstable();
    numbers
}

async fn issues(world: &World, n: i64) {
    let issues = (1..=n).map(issuecommand_testkit::builders::issue);
    world.mirror(API, issues).await;
}

async fn held(world: &World, n: i64) -> Claim {
    world.holder(API, n).await.expect("it is held")
}

/// A silent agent, a busy one that never says a status, a hook that beats through a build of three hours, and a process that lives
/// and calls nothing.
pub(super) async fn each_goes_stale_exactly_when_it_was_silent_for_long(world: &World) {
    issues(world, 4).await;
    world.claim("silent", API, 1).await;
    world.claim_in("busy", "s-busy", 2).await;
    world.claim("hook", API, 3).await;
    world.claim_in("frozen", "s-frozen", 4).await;
    let began = world.clock.now();
    // Three hours: the busy one calls each 7 minutes, the hook beats each 10.
    for minute in 1..180 {
        world.pass(1);
        if minute % 7 == 0 {
            world.heard("busy", "s-busy").await;
        }
        if minute % 10 == 0 {
            world.beats("hook").await;
        }
        let gone = if minute < 120 { vec![] } else { vec![1, 4] };
        assert_eq!(stale(world).await, gone, "minute {minute}");
    }
    let at = |minute: i64| began.plus(Millis(minute * MINUTE));
    assert_eq!(held(world, 2).await.alive_at(), at(175));
    assert_eq!(held(world, 3).await.alive_at(), at(170));
    // Both go silent. Each is stale two hours after its last sign, and not a millisecond before.
    world.clock.set(at(170 + 120).minus(Millis(1)));
    assert_eq!(stale(world).await, [1, 4]);
    world.clock.advance(Millis(1));
    assert_eq!(stale(world).await, [1, 3, 4]);
    world.clock.set(at(175 + 120).minus(Millis(1)));
    assert_eq!(stale(world).await, [1, 3, 4]);
    world.clock.advance(Millis(1));
    assert_eq!(stale(world).await, [1, 2, 3, 4]);
}

pub(super) async fn a_call_is_a_sign_once_a_minute(world: &World) {
    issues(world, 2).await;
    let held_there = world.claim_in("ann", "one", 1).await;
    world.claim("ann", API, 2).await;
    let (made, seq) = (held_there.claimed_at, world.last_event().await);
    world.clock.advance(Millis(MINUTE - 1));
    world.heard("ann", "one").await;
    assert_eq!(held(world, 1).await.alive_at(), made);
    world.clock.advance(Millis(1));
    world.heard("ann", "one").await;
    let signed = held(world, 1).await;
    assert_eq!(signed.alive_at(), world.clock.now());
    assert_eq!(signed.last_updated, made, "a sign is no status call");
    assert_eq!(signed.history, held_there.history, "nor a line of history");
    assert_eq!(world.last_event().await, seq, "nor an event");
    // What is held in no session, or in another, has no part in it.
    assert_eq!(
        held(world, 2).await.alive_at(),
        held(world, 2).await.claimed_at
    );
    world.pass(5);
    world.heard("ann", "two").await;
    world.heard("bob", "one").await;
    assert_eq!(held(world, 1).await.alive_at(), signed.alive_at());
}

pub(super) async fn a_heartbeat_without_a_session_is_for_what_is_in_none(world: &World) {
    issues(world, 3).await;
    world.claim("ann", API, 1).await;
    world.claim_in("ann", "one", 2).await;
    world.claim("bob", API, 3).await;
    let made = world.clock.now();
    world.pass(30);
    world.beats("ann").await;
    let signs = [
        held(world, 1).await,
        held(world, 2).await,
        held(world, 3).await,
    ];
    let signs: Vec<Timestamp> = signs.iter().map(Claim::alive_at).collect();
    assert_eq!(signs, [world.clock.now(), made, made]);
    // To be heard alone is none.
    world.pass(30);
    world.heard_alone("ann").await;
    assert_eq!(held(world, 1).await.alive_at(), signs[0]);
}

pub(super) async fn a_push_to_its_pull_request_is_a_sign(world: &World) {
    issues(world, 1).await;
    let ann = world.claim("ann", API, 1).await;
    let ann = world.names_its_pull(&ann, 7).await;
    world.happens(pull(API, 7).opened()).await;
    world.pass(90);
    world.happens(pull(API, 7).at(90).pushed()).await;
    let signed = held(world, 1).await;
    assert_eq!(signed.alive_at(), world.clock.now());
    assert_eq!(signed.last_updated, ann.last_updated);
    world.pass(119);
    assert_eq!(stale(world).await, [0; 0]);
    world.pass(1);
    assert_eq!(stale(world).await, [1]);
}

pub(super) async fn a_batch_of_a_sign_and_a_status_keeps_both(world: &World) {
    issues(world, 1).await;
    let ann = world.claim_in("ann", "one", 1).await;
    world.pass(10);
    let heard = world.heard("ann", "one");
    let moved = world.claimed(within(
        "one",
        issuecommand_testkit::builders::update(&ann, ClaimStatus::InProgress),
    ));
    heard.await;
    let (moved, _) = moved.await;
    assert_eq!(held(world, 1).await, moved);
    assert_eq!(moved.alive_at(), world.clock.now());
}

pub(super) async fn what_is_stale_for_an_hour_may_be_taken_over_and_not_before(world: &World) {
    use super::world::session::take_over;
    use issuecommand_core::domain::refusal::Refusal;
    issues(world, 1).await;
    let ann = world.claim_in("ann", "one", 1).await;
    // Not while it is merely silent.
    world.pass(119);
    let no = world.refused(take_over("bob", 1)).await;
    assert!(matches!(
        no,
        Refusal::AlreadyClaimed {
            may_take_over_at: None,
            ..
        }
    ));
    world.pass(1);
    assert_eq!(stale(world).await, [1]);
    world.clock.advance(Millis(60 * MINUTE - 1));
    let Refusal::AlreadyClaimed {
        may_take_over_at,
        claim: seen,
        ..
    } = world.refused(take_over("bob", 1)).await
    else {
        panic!("it is held");
    };
    assert_eq!(
        may_take_over_at,
        Some(seen.last_updated.plus(Millis::minutes(60)))
    );
    // A sign of life of its holder puts it off; it stays stale.
    world.heard("ann", "one").await;
    world.clock.advance(Millis(1));
    assert!(matches!(
        world.refused(take_over("bob", 1)).await,
        Refusal::AlreadyClaimed { .. }
    ));
    world.clock.advance(Millis(60 * MINUTE - 1));
    let without = world.refused(claim("bob", API, 1)).await;
    assert!(
        matches!(without, Refusal::AlreadyClaimed { .. }),
        "only who says so takes over"
    );
    let (bob, idempotent) = world.claimed(take_over("bob", 1)).await;
    assert!(!idempotent && bob.id != ann.id);
    let ended = world.ended().await;
    assert_eq!(
        (ended[0].id, ended[0].status),
        (ann.id, ClaimStatus::Released)
    );
    assert_eq!(held(world, 1).await, bob);
}
