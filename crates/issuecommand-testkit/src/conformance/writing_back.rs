//! Writes to GitHub that wait in the outbox.

use issuecommand_core::command::Answer;
use issuecommand_core::outbox::{OutboxEntry, Write};
use issuecommand_core::policy::Policy;
use issuecommand_core::time::{Clock, Millis, Timestamp};

use super::doubting::called_closed;
use super::world::{API, World, claim_of};
use crate::builders::{issue, number, repo, settle};

async fn closing(world: &World) -> World {
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    world.under(policy).await
}

async fn due(world: &World, now: Timestamp, limit: u32) -> Vec<OutboxEntry> {
    let due = world.store.due_outbox(now, limit).await;
    due.expect("the outbox is read")
}

async fn waiting(world: &World, n: i64) -> OutboxEntry {
    match called_closed(world, n).await {
        Answer::Claim {
            outbox: Some(entry),
            ..
        } => entry,
        other => panic!("a write was expected to wait, not {other:?}"),
    }
}

pub(super) async fn a_closed_claim_closes_its_issue_where_it_is_configured(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let answer = called_closed(world, 1).await;
    assert!(matches!(answer, Answer::Claim { outbox: None, .. }));
    assert_eq!(world.health().await.outbox, 0);
    let world = &closing(world).await;
    let entry = waiting(world, 2).await;
    let claim = world
        .ended()
        .await
        .into_iter()
        .find(|claim| claim.number.get() == 2);
    let write = Write::CloseIssue {
        repo: repo(API),
        number: number(2),
    };
    assert_eq!(
        (&entry.write, Some(entry.claim)),
        (&write, claim.map(|claim| claim.id))
    );
    assert_eq!((entry.attempts, &entry.error), (0, &None));
    // The call that made it has a head start.
    let now = world.clock.now();
    assert_eq!(entry.due, now.plus(OutboxEntry::HEAD_START));
    assert_eq!(due(world, now.plus(Millis(29_999)), 9).await, []);
    assert_eq!(due(world, entry.due, 9).await, [entry]);
    assert_eq!(world.health().await.outbox, 1);
}

pub(super) async fn what_failed_is_tried_again_later_and_later(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let first = waiting(world, 1).await;
    for (attempt, wait) in (1..).zip([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
        world.pass(60);
        let words = format!("no, for the {attempt}. time");
        world.note(settle(first.id, Some(&words))).await;
        let at = world.clock.now().plus(Millis::seconds(wait));
        assert_eq!(
            due(world, Timestamp(at.0 - 1), 9).await,
            [],
            "attempt {attempt}"
        );
        let expected = OutboxEntry {
            attempts: attempt,
            due: at,
            error: Some(words),
            ..first.clone()
        };
        assert_eq!(due(world, at, 9).await, [expected]);
    }
    assert_eq!(world.health().await.outbox, 1);
}

pub(super) async fn what_is_done_is_gone(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let (first, second) = (waiting(world, 1).await, waiting(world, 2).await);
    world.note(settle(first.id, None)).await;
    let late = world.clock.now().plus(Millis::minutes(600));
    assert_eq!(due(world, late, 9).await, [second]);
    // To settle it once more, either way, brings nothing back.
    world.note(settle(first.id, Some("late"))).await;
    world.note(settle(first.id, None)).await;
    assert_eq!(world.health().await.outbox, 1);
}

pub(super) async fn the_longest_waiting_comes_first(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, (1..=4).map(issue)).await;
    let mut ids = Vec::new();
    for n in 1..=4 {
        ids.push(waiting(world, n).await.id);
        world.clock.advance(Millis::seconds(1));
    }
    world.note(settle(ids[0], Some("later"))).await;
    let late = world.clock.now().plus(Millis::minutes(600));
    let order: Vec<_> = due(world, late, 9)
        .await
        .iter()
        .map(|entry| entry.id)
        .collect();
    assert_eq!(order, [ids[1], ids[2], ids[3], ids[0]]);
    let order: Vec<_> = due(world, late, 2)
        .await
        .iter()
        .map(|entry| entry.id)
        .collect();
    assert_eq!(order, [ids[1], ids[2]]);
}

pub(super) async fn an_answer_with_a_key_says_what_waits(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let (closed, _) = claim_of(called_closed(world, 1).await);
    assert_eq!(world.ended().await, [closed]);
    let entry = &due(world, world.clock.now().plus(Millis::minutes(1)), 1).await[0];
    let Write::CloseIssue {
        repo: name,
        number: n,
    } = &entry.write;
    assert_eq!((name, n.get()), (&repo(API), 1));
}
