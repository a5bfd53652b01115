//! Pending writes to GitHub in the outbox.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::issue::{IssueFilter, WithheldReason};
use issuecommand_core::domain::outbox::{OutboxEntry, Write, WriteFailure};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::{Refusal, Unclaimable};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Answer, Command};
use issuecommand_core::ports::store::WithheldIssue;
use issuecommand_testkit::builders::{
    claim, deliver, failure, issue, number, record_issues, repo, settle, settle_with, told,
};

use super::mirror::asked;
use super::withheld_issues::called_closed;
use super::world::{API, World, claim_of};

pub(super) async fn closing(world: &World) -> World {
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    world.under(policy).await
}

pub(super) async fn due(world: &World, now: Timestamp, limit: u32) -> Vec<OutboxEntry> {
    let due = world.store.due_outbox(now, limit).await;
    due.expect("the outbox is read")
}

pub(super) async fn waiting(world: &World, n: i64) -> OutboxEntry {
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
        (&entry.write, entry.claim),
        (&write, claim.map(|claim| claim.id))
    );
    assert_eq!((entry.attempts, &entry.error), (0, &None));
    // The call that created it may try first.
    let now = world.clock.now();
    assert_eq!(entry.due, now.plus(OutboxEntry::HEAD_START));
    assert_eq!(due(world, now.plus(Millis(29_999)), 9).await, []);
    assert_eq!(due(world, entry.due, 9).await, [entry]);
    assert_eq!(world.health().await.outbox, 1);
}

pub(super) async fn failed_writes_back_off_exponentially(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let first = waiting(world, 1).await;
    for (attempt, wait) in (1..).zip([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
        world.pass(60);
        let words = format!("no, for the {attempt}. time");
        world.note(settle(&first, Some(&words))).await;
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

pub(super) async fn a_completed_write_is_removed(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1), issue(2)]).await;
    let (first, second) = (waiting(world, 1).await, waiting(world, 2).await);
    world.note(settle(&first, None)).await;
    let late = world.clock.now().plus(Millis::minutes(600));
    assert_eq!(due(world, late, 9).await, [second]);
    // Settling it once more, either way, brings nothing back.
    world.note(settle(&first, Some("late"))).await;
    world.note(settle(&first, None)).await;
    assert_eq!(world.health().await.outbox, 1);
}

pub(super) async fn the_longest_waiting_comes_first(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, (1..=4).map(issue)).await;
    let mut entries = Vec::new();
    for n in 1..=4 {
        entries.push(waiting(world, n).await);
        world.clock.advance(Millis::seconds(1));
    }
    world.note(settle(&entries[0], Some("later"))).await;
    let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
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

/// The reason why this issue cannot be claimed.
async fn unclaimable(world: &World, n: i64) -> Unclaimable {
    match world.refused(claim("bob", API, n)).await {
        Refusal::InvalidIssue { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_pending_close_is_shown(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    waiting(world, 1).await;
    // Also long after the last evidence, because a fetch would not change anything.
    world.pass(30);
    assert_eq!(unclaimable(world, 1).await, Unclaimable::Closing);
}

pub(super) async fn a_write_refused_by_github_is_final(world: &World) {
    let world = &closing(world).await;
    let statuses = [403, 404, 410, 422];
    world.mirror(API, (1..=4).map(issue)).await;
    for (n, status) in (1..).zip(statuses) {
        let entry = waiting(world, n).await;
        let before = world.ended().await;
        let seq = world.last_event().await;
        world.pass(1);
        let refused = failure("refused", Some(status));
        world.note(settle_with(&entry, Some(refused.clone()))).await;
        let now = world.clock.now();
        // It is not tried again, and health shows it.
        let late = now.plus(Millis::minutes(6000));
        assert_eq!(due(world, late, 9).await, []);
        let health = world.health().await;
        assert_eq!(health.outbox, 0);
        let withheld = WithheldIssue {
            repo: repo(API),
            number: number(n),
            since: now,
        };
        assert_eq!(health.close_failed.last(), Some(&withheld));
        // The claim's history shows it too, and the claim keeps its end.
        let after = world.ended().await;
        let (was, is) = (&before[0], &after[0]);
        assert_eq!((was.id, was.last_updated), (is.id, is.last_updated));
        let [known @ .., added] = &is.history[..] else {
            panic!("there is a history")
        };
        assert_eq!(known, was.history);
        assert_eq!((added.status, added.timestamp), (ClaimStatus::Closed, now));
        let note = added.note.as_deref().expect("it says why");
        assert!(
            note.starts_with("close_failed") && note.contains(&status.to_string()),
            "{note}"
        );
        assert!(
            !note.contains("refused"),
            "GitHub's own words are for the log: {note}"
        );
        // And an event.
        let [event] = &world.events_after(seq).await[..] else {
            panic!("one event")
        };
        assert_eq!(
            (event.kind, event.claim),
            (EventKind::ClaimUpdated, Some(is.id))
        );
        let Details::Moved {
            status, note: told, ..
        } = &event.details
        else {
            panic!("{event:?}")
        };
        assert_eq!(
            (*status, told.as_deref()),
            (ClaimStatus::Closed, Some(note))
        );
        assert_eq!(
            world.row(API, n).await.withheld,
            Some((WithheldReason::CloseFailed, now))
        );
        assert_eq!(
            world.offered(&IssueFilter::default()).await,
            (n + 1..=4).collect::<Vec<_>>()
        );
        // A recent fetch returned nothing else.
        world.poll(API).await;
        assert_eq!(unclaimable(world, n).await, Unclaimable::CloseFailed);
        // The same state once more changes nothing.
        let everything = world.everything().await;
        world.note(settle_with(&entry, Some(refused))).await;
        assert_eq!(world.everything().await, everything);
    }
    assert_eq!(world.health().await.close_failed.len(), 4);
}

pub(super) async fn the_tenth_failure_is_the_last(world: &World) {
    let world = &closing(world).await;
    world.mirror(API, [issue(1)]).await;
    let mut entry = waiting(world, 1).await;
    let limited = WriteFailure {
        limited: true,
        ..failure("a rate limit", Some(403))
    };
    for attempt in 1..=9 {
        // A rate limit does not count as an attempt.
        world.note(settle_with(&entry, Some(limited.clone()))).await;
        world.note(settle(&entry, Some("no answer"))).await;
        let late = world.clock.now().plus(Millis::minutes(600));
        entry = due(world, late, 1).await.remove(0);
        assert_eq!(entry.attempts, attempt);
    }
    world.note(settle_with(&entry, Some(limited))).await;
    assert_eq!(world.health().await.outbox, 1);
    world
        .note(settle_with(&entry, Some(failure("down", Some(502)))))
        .await;
    let health = world.health().await;
    assert_eq!((health.outbox, health.close_failed.len()), (0, 1));
    let note = world.ended().await[0]
        .history
        .last()
        .and_then(|entry| entry.note.clone());
    assert!(note.is_some_and(|note| note.contains("10 tries")));
}

pub(super) async fn an_issue_that_could_not_be_closed_is_free_when_it_changes(world: &World) {
    let world = &closing(world).await;
    let of = |n: i64| issue(n).changed(0);
    world.mirror(API, (1..=4).map(of)).await;
    for n in 1..=4 {
        let entry = waiting(world, n).await;
        world
            .note(settle_with(&entry, Some(failure("no", Some(403)))))
            .await;
    }
    // An unchanged issue is no evidence, in every form.
    world.pass(5);
    for n in 1..=4 {
        world.note(asked(of(n), None)).await;
    }
    world.note(record_issues(API, (1..=4).map(of))).await;
    world.poll(API).await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
    assert_eq!(world.health().await.close_failed.len(), 4);
    // A person commented on it, labelled it, closed it.
    let minutes = (world.clock.now().0 - of(1).build().updated_at.0) / 60_000 + 1;
    let changed = |n: i64| of(n).changed(minutes);
    let news: [Command; 4] = [
        asked(changed(1), None),
        record_issues(API, [changed(2).labels(&["again"])]),
        deliver("d-3", told(API, changed(3), "edited")),
        asked(changed(4).closed(), None),
    ];
    for one in news {
        world.note(one).await;
    }
    assert_eq!(world.offered(&IssueFilter::default()).await, [1, 2, 3]);
    assert_eq!(world.health().await.close_failed, []);
    world.poll(API).await;
    world.claimed(claim("bob", API, 1)).await;
    assert_eq!(unclaimable(world, 4).await, Unclaimable::Closed);
}
