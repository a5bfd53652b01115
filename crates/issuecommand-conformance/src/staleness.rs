//! Claims without heartbeats become stale.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin, SyncStats};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{beat, claim, issue, local, sweep, update};

use ClaimStatus::{Claimed, InProgress, PrMerged, PrSubmitted, Released, Stale};

use super::world::{API, World};

/// The claims that a sweep marked and released, and whether there are more.
async fn swept(world: &World) -> (u64, u64, bool) {
    match world.note(sweep()).await {
        Answer::Tally {
            tally,
            closed: 0,
            more,
        } => {
            let rest = SyncStats {
                stale_marked: 0,
                stale_auto_released: 0,
                ..tally
            };
            assert_eq!(rest, SyncStats::default());
            (tally.stale_marked, tally.stale_auto_released, more)
        }
        other => panic!("{other:?}"),
    }
}

async fn submitted(world: &World, agent: &str, n: i64) -> Claim {
    let claim = world.claim(agent, API, n).await;
    let claim = world.moved(&claim, InProgress).await;
    let action = Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to: PrSubmitted,
        note: None,
        pr_url: Some("https://github.com/acme/api/pull/1".to_owned()),
    };
    world.claimed(Command::new(&local(), action)).await.0
}

pub(super) async fn two_hours_make_a_claim_stale_and_not_a_moment_less(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let ann = world.claim("ann", API, 1).await;
    let bob = world.claim("bob", API, 2).await;
    let bob = world.moved(&bob, InProgress).await;
    world.clock.advance(Millis(Millis::minutes(120).0 - 1));
    assert_eq!(swept(world).await, (0, 0, false));
    let seq = world.last_event().await;
    world.clock.advance(Millis(1));
    assert_eq!(swept(world).await, (2, 0, false));
    for before in [ann, bob] {
        let after = world
            .holder(API, before.number.get())
            .await
            .expect("it is held");
        assert_eq!(
            (after.status, after.before_stale),
            (Stale, Some(before.status))
        );
        assert_eq!(after.last_updated, world.clock.now());
        let last = after.history.last().expect("it has a history");
        assert_eq!((last.status, last.timestamp), (Stale, world.clock.now()));
        assert!(last.note.is_some(), "it says why");
        let events = world.events_after(seq).await;
        let event = events.iter().find(|event| event.claim == Some(before.id));
        let event = event.expect("it is told");
        assert_eq!(event.kind, EventKind::ClaimStale);
        assert!(
            matches!(&event.details, Details::Moved { source: EventOrigin::Sync, status: Stale, note } if *note == last.note)
        );
    }
    // It is still held, and a second sweep finds nothing new.
    assert!(matches!(
        world.refused(claim("eve", API, 1)).await,
        Refusal::AlreadyClaimed { .. }
    ));
    assert_eq!(swept(world).await, (0, 0, false));
    assert_eq!(world.health().await.stale_claims, 2);
}

pub(super) async fn a_heartbeat_keeps_a_claim(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    for _ in 0..4 {
        world.pass(119);
        world.note(beat(&ann)).await;
        assert_eq!(swept(world).await, (0, 0, false));
    }
    world.pass(120);
    assert_eq!(swept(world).await, (1, 0, false));
}

pub(super) async fn a_claim_that_waits_on_its_pull_request_has_a_week(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    submitted(world, "ann", 1).await;
    let bob = submitted(world, "bob", 2).await;
    world.moved(&bob, PrMerged).await;
    world.clock.advance(Millis(Millis::minutes(10_080).0 - 1));
    assert_eq!(swept(world).await, (0, 0, false));
    world.clock.advance(Millis(1));
    assert_eq!(swept(world).await, (2, 0, false));
}

pub(super) async fn a_stale_claim_returns_straight_to_where_it_was(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = submitted(world, "ann", 1).await;
    world.pass(10_080);
    swept(world).await;
    let no = world.refused(update(&ann, PrMerged)).await;
    assert!(
        matches!(no, Refusal::InvalidTransition { allowed, .. } if allowed == [InProgress, PrSubmitted, Released])
    );
    let back = world.moved(&ann, PrSubmitted).await;
    assert_eq!((back.status, back.before_stale), (PrSubmitted, None));
    let statuses: Vec<_> = back.history.iter().map(|entry| entry.status).collect();
    assert_eq!(
        statuses,
        [Claimed, InProgress, PrSubmitted, Stale, PrSubmitted]
    );
    assert_eq!(world.holder(API, 1).await, Some(back));
}

pub(super) async fn a_stale_claim_stays_unless_it_is_configured(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    world.pass(120);
    assert_eq!(swept(world).await, (1, 0, false));
    world.pass(1_000_000);
    assert_eq!(swept(world).await, (0, 0, false));
    assert_eq!(
        world.holder(API, 1).await.map(|claim| claim.status),
        Some(Stale)
    );
}

pub(super) async fn a_stale_claim_is_released_where_it_is_configured(world: &World) {
    let policy = Policy {
        stale_auto_release: Some(Millis::minutes(30)),
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let ann = world.claim("ann", API, 1).await;
    world.pass(60);
    world.poll(API).await;
    world.claim("bob", API, 2).await;
    world.pass(60);
    assert_eq!(swept(world).await, (1, 0, false));
    world.clock.advance(Millis(Millis::minutes(30).0 - 1));
    assert_eq!(swept(world).await, (0, 0, false));
    let seq = world.last_event().await;
    world.clock.advance(Millis(1));
    assert_eq!(swept(world).await, (0, 1, false));
    let ended = world.ended().await;
    assert_eq!(
        (ended.len(), ended[0].id, ended[0].status),
        (1, ann.id, Released)
    );
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimAutoReleased]);
    assert_eq!(world.offered(&IssueFilter::default()).await, [1]);
    // Claims that become stale and are released in one sweep.
    world.pass(30);
    assert_eq!(swept(world).await, (1, 0, false));
}

pub(super) async fn six_hundred_claims_take_two_sweeps(world: &World) {
    world.mirror(API, (1..=600).map(issue)).await;
    for n in 1..=600 {
        world.claim("ann", API, n).await;
    }
    world.pass(120);
    let seq = world.last_event().await;
    assert_eq!(swept(world).await, (500, 0, true));
    assert_eq!(swept(world).await, (100, 0, false));
    assert_eq!(swept(world).await, (0, 0, false));
    assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimStale; 600]);
    assert_eq!(world.health().await.stale_claims, 600);
}
