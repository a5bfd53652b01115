//! Follow-ups without activity become stale, and only some ended ones are kept.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_testkit::builders::{agent, comment, follow, pull, sweep};

use FollowupStatus::{Claimed, Done, InProgress, Queued, Stale};

use super::world::feedback::item_of;
use super::world::{API, World};

pub(super) async fn a_day_makes_one_stale_and_not_a_moment_less(world: &World) {
    for (n, status) in [(1, Queued), (2, Claimed), (3, InProgress)] {
        let mut item = world.asked(pull(API, n).said(comment(n))).await;
        if status != Queued {
            item = world.followed("ann", &item, status).await;
        }
        world.clock.set(
            item.last_updated
                .plus(Millis::minutes(1440))
                .minus(Millis(1)),
        );
        world.note(sweep()).await;
        assert_eq!(world.followup(item.id).await, item, "{status}");
        world.clock.advance(Millis(1));
        let seq = world.last_event().await;
        world.note(sweep()).await;
        let (stale, now) = (world.followup(item.id).await, world.clock.now());
        let mut expected = Followup {
            status: Stale,
            last_updated: now,
            window_from: if status == Queued {
                item.window_from
            } else {
                now
            },
            ..item
        };
        let entry = stale.history.last().expect("it has a history").clone();
        assert_eq!((entry.status, entry.timestamp), (Stale, now));
        expected.history.push(entry.clone());
        assert_eq!(stale, expected, "{status}");
        let [event] = &world.events_after(seq).await[..] else {
            panic!("one event was expected")
        };
        assert_eq!(
            (event.kind, event.item),
            (EventKind::FollowupStale, Some(stale.id))
        );
        let details = Details::FollowupMoved {
            source: EventOrigin::Sync,
            status: Stale,
            note: entry.note,
        };
        assert_eq!(event.details, details);
    }
    // Only once.
    world.pass(2000);
    let before = world.everything().await;
    world.note(sweep()).await;
    assert_eq!(world.everything().await, before);
    let health = world.health().await;
    assert_eq!((health.open_followups, health.stale_followups), (3, 3));
}

pub(super) async fn a_heartbeat_keeps_it(world: &World) {
    let held = world.asked(pull(API, 1).said(comment(1))).await;
    world.followed("ann", &held, Claimed).await;
    let queued = world.asked(pull(API, 2).said(comment(2))).await;
    world.pass(1439);
    assert!(item_of(world.note(follow("ann", held.id, Claimed)).await).1);
    world.joined(pull(API, 2).said(comment(3))).await;
    world.pass(1439);
    world.note(sweep()).await;
    assert_eq!(world.followup(held.id).await.status, Claimed);
    assert_eq!(world.followup(queued.id).await.status, Queued);
    world.pass(1);
    world.note(sweep()).await;
    assert_eq!(world.followup(held.id).await.status, Stale);
    assert_eq!(world.followup(queued.id).await.status, Stale);
}

pub(super) async fn a_stale_followup_is_free_for_all(world: &World) {
    world
        .mirror(API, [] as [issuecommand_core::domain::issue::Issue; 0])
        .await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    world.followed("ann", &item, InProgress).await;
    world.pass(1440);
    world.note(sweep()).await;
    let taken = world.given("bob").await;
    assert_eq!((taken.id, &taken.owner), (item.id, &Some(agent("bob"))));
    assert_eq!(taken.claimed_at, Some(world.clock.now()));
    // A late agent finds it held by another.
    world.kept_from("ann", &taken, "bob").await;
    world.pass(1440);
    world.note(sweep()).await;
    // And by its id, before another agent asks.
    let back = world.followed("ann", &taken, InProgress).await;
    assert_eq!(back.owner, Some(agent("ann")));
    let statuses: Vec<_> = back.history.iter().map(|entry| entry.status).collect();
    assert_eq!(
        statuses,
        [Queued, InProgress, Stale, Claimed, Stale, InProgress]
    );
}

pub(super) async fn a_hold_ends_with_its_last_sign_of_life(world: &World) {
    let claim = world.authored("ann").await;
    world.moved(&claim, ClaimStatus::PrSubmitted).await;
    let first = world.asked(pull(API, 7).said(comment(1))).await;
    world.followed("bob", &first, Claimed).await;
    world.pass(60);
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    world.pass(1380);
    world.note(sweep()).await;
    assert_eq!(world.followup(first.id).await.status, Stale);
    let second = world.followup(second.id).await;
    assert_eq!(
        (second.status, second.window_from),
        (Queued, world.clock.now())
    );
    world.given_nothing("bob").await;
    // The older first, because both have the same priority.
    assert_eq!(world.given("ann").await.id, first.id);
    assert_eq!(world.given("ann").await.id, second.id);
}

pub(super) async fn six_hundred_take_two_sweeps(world: &World) {
    for n in 1..=600 {
        world.delivered(pull(API, n).said(comment(n))).await;
    }
    world.pass(1440);
    let more = async || match world.note(sweep()).await {
        issuecommand_core::engine::command::Answer::Tally { more, .. } => more,
        other => panic!("{other:?}"),
    };
    assert!(more().await);
    assert_eq!(world.health().await.stale_followups, 500);
    assert!(!more().await);
    assert_eq!(world.health().await.stale_followups, 600);
}

pub(super) async fn the_latest_ended_are_kept(world: &World) {
    let policy = Policy {
        followup_max: 2,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    let mut items = Vec::new();
    for n in 1..=4 {
        let item = world.asked(pull(API, n).said(comment(n))).await;
        items.push(world.followed("ann", &item, Claimed).await);
    }
    for item in [&items[2], &items[0], &items[1]] {
        world.pass(1);
        world.followed("ann", item, Done).await;
    }
    let before = world.followups().await;
    world.note(sweep()).await;
    // One is still open, and an event stays known after its follow-up was trimmed.
    assert_eq!(world.followups().await, before);
    assert_eq!(world.health().await.open_followups, 1);
    for n in 1..=4 {
        let (answer, _) = world.delivered(pull(API, n).said(comment(n))).await;
        assert!(
            matches!(
                answer,
                WebhookAnswer::Feedback {
                    idempotent: true,
                    ..
                }
            ),
            "{answer:?}"
        );
    }
    assert_eq!(world.followups().await.len(), 1);
    // A stale follow-up has not ended, whatever its age.
    world.pass(3000);
    world.note(sweep()).await;
    world.note(sweep()).await;
    assert_eq!(world.followup(items[3].id).await.status, Stale);
}
