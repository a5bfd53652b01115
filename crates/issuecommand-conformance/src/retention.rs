//! Which rows are kept, and which are trimmed.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::Answer;
use issuecommand_testkit::builders::{beat, issue, key, next, release, sweep};

use super::world::{API, World, claim_of};

/// The same data under another limit of ended claims.
async fn keeping(world: &World, history_max: u32) -> World {
    let policy = Policy {
        history_max,
        ..Policy::default()
    };
    world.under(policy).await
}

pub(super) async fn the_latest_ended_claims_are_kept(world: &World) {
    let world = &keeping(world, 3).await;
    world.mirror(API, (1..=6).map(issue)).await;
    let mut claims = Vec::new();
    for n in 1..=6 {
        claims.push(world.claim("ann", API, n).await);
    }
    // The third is still active; the others end one after the other, the last claimed first.
    for n in [6, 5, 4, 2, 1] {
        world.pass(1);
        world.note(release(&claims[n - 1])).await;
    }
    assert_eq!(world.ended().await.len(), 5);
    world.note(sweep()).await;
    let left: Vec<_> = world
        .ended()
        .await
        .iter()
        .map(|claim| claim.number.get())
        .collect();
    assert_eq!(left, [1, 2, 4]);
    let health = world.health().await;
    assert_eq!((health.total_claims, health.active_claims), (6, 1));
    assert!(world.holder(API, 3).await.is_some());
    let no = world.refused(beat(&claims[5])).await;
    assert_eq!(
        no,
        Refusal::ClaimNotFound {
            id: claims[5].id,
            ended: None
        }
    );
    let no = world.refused(beat(&claims[0])).await;
    assert!(matches!(no, Refusal::ClaimNotFound { ended: Some(_), .. }));
    // Counters continue from there.
    world.poll(API).await;
    world.claim("bob", API, 6).await;
    assert_eq!(world.health().await.total_claims, 7);
}

pub(super) async fn none_are_kept_where_none_are_wanted(world: &World) {
    let world = &keeping(world, 0).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let ann = world.claim("ann", API, 1).await;
    world.claim("ann", API, 2).await;
    world.note(release(&ann)).await;
    world.note(sweep()).await;
    assert_eq!(world.ended().await, []);
    let health = world.health().await;
    assert_eq!((health.total_claims, health.active_claims), (2, 1));
}

pub(super) async fn events_are_kept_for_a_week_and_their_places_for_ever(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    world.claim("ann", API, 1).await;
    world.claim("ann", API, 2).await;
    let old = world.last_event().await;
    world.pass(3 * 24 * 60);
    world.poll(API).await;
    world.claim("ann", API, 3).await;
    let young = world.last_event().await;
    world.pass(4 * 24 * 60);
    // Exactly a week: an event of exactly that age is kept.
    world.note(sweep()).await;
    assert_eq!(
        world
            .events()
            .await
            .iter()
            .filter(|event| event.seq <= old)
            .count(),
        2
    );
    world.clock.advance(Millis(1));
    world.note(sweep()).await;
    let left = world.events().await;
    assert!(left.iter().all(|event| event.seq > old), "{left:?}");
    assert!(left.iter().any(|event| event.seq == young), "{left:?}");
    world.pass(100 * 24 * 60);
    world.note(sweep()).await;
    world.pass(100 * 24 * 60);
    world.note(sweep()).await;
    assert_eq!(world.events().await, []);
    let last = world.last_event().await;
    assert!(last > young);
    world.poll(API).await;
    world.claim("ann", API, 4).await;
    let [event] = &world.events().await[..] else {
        panic!("one event was expected")
    };
    assert!(event.seq > last);
}

pub(super) async fn answers_are_remembered_for_a_day(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let asked = || next("ann").keyed(Some(key("k", "digest")));
    let (first, _) = world.claimed(asked()).await;
    world.pass(24 * 60);
    world.note(sweep()).await;
    assert_eq!(claim_of(world.note(asked()).await).0.id, first.id);
    world.clock.advance(Millis(1));
    world.note(sweep()).await;
    let (second, _) = world.claimed(asked()).await;
    assert_ne!(second.id, first.id);
}

pub(super) async fn a_sweep_with_nothing_to_do_says_so(world: &World) {
    let answer = world.note(sweep()).await;
    let nothing = Answer::Tally {
        tally: SyncStats::default(),
        closed: 0,
        more: false,
    };
    assert_eq!(answer, nothing);
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    assert_eq!(claim.status, ClaimStatus::Claimed);
    let before = world.everything().await;
    assert_eq!(world.note(sweep()).await, nothing);
    assert_eq!(world.everything().await, before);
}
