//! Moving a follow-up: the contract's table, the holder, and the effects of every move.

use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::followup::{Followup, FollowupStatus, Resolution, WorkItemId};
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_testkit::builders::{agent, comment, confined, follow, local, number, pull, repo};
use issuecommand_testkit::ids::TestIds;

use FollowupStatus::{Claimed, Dismissed, Done, InProgress, Queued, Stale};

use super::world::feedback::item_of;
use super::world::{API, World};

/// The transitions for its own agent, and for any agent that finds it waiting.
const TABLE: [(FollowupStatus, &[FollowupStatus]); 4] = [
    (Queued, &[Claimed, InProgress]),
    (Claimed, &[InProgress, Done, Dismissed, Stale]),
    (InProgress, &[Done, Dismissed, Stale]),
    (Stale, &[Claimed, InProgress]),
];

fn noted(who: &str, item: WorkItemId, to: FollowupStatus) -> Command {
    let action = Action::UpdateFollowup {
        item,
        agent: agent(who),
        to,
        note: Some(format!("to {to}")),
    };
    Command::new(&local(), action)
}

/// A follow-up on a pull request of its own, moved to this status by `ann`.
async fn brought_to(world: &World, n: i64, status: FollowupStatus) -> Followup {
    let mut item = world.asked(pull(API, n).said(comment(n))).await;
    let way: &[FollowupStatus] = match status {
        Queued => &[],
        Claimed => &[Claimed],
        InProgress => &[InProgress],
        Done => &[InProgress, Done],
        Dismissed => &[Claimed, Dismissed],
        Stale => &[Claimed, Stale],
    };
    for to in way {
        item = world.followed("ann", &item, *to).await;
    }
    item
}

pub(super) async fn the_whole_table_by_its_owner(world: &World) {
    every_move(world, "ann").await;
}

pub(super) async fn the_whole_table_by_another_agent(world: &World) {
    every_move(world, "bob").await;
}

async fn every_move(world: &World, who: &str) {
    let mut n = 0;
    for from in FollowupStatus::ALL {
        for to in FollowupStatus::ALL {
            n += 1;
            let before = brought_to(world, n, from).await;
            world.pass(1);
            let (seq, everything) = (world.last_event().await, world.everything().await);
            let words = format!("{who}, {from} to {to}");
            let allowed = TABLE.iter().find(|(status, _)| *status == from);
            let Some((_, allowed)) = allowed else {
                let no = Refusal::FollowupNotFound { id: before.id };
                assert_eq!(
                    world.refused(noted(who, before.id, to)).await,
                    no,
                    "{words}"
                );
                continue;
            };
            if from.is_held() && who != "ann" {
                let no = Refusal::FollowupMismatch {
                    owner: agent("ann"),
                    item: Box::new(before.clone()),
                    session: None,
                };
                assert_eq!(
                    world.refused(noted(who, before.id, to)).await,
                    no,
                    "{words}"
                );
            } else if from == to {
                let (item, idempotent) = item_of(world.note(noted(who, before.id, to)).await);
                assert!(idempotent, "{words}");
                assert_eq!(world.last_event().await, seq, "{words}");
                if from.is_held() {
                    let last_updated = world.clock.now();
                    assert_eq!(
                        item,
                        Followup {
                            last_updated,
                            ..before
                        },
                        "{words}"
                    );
                    assert_eq!(world.followup(item.id).await, item, "{words}");
                } else {
                    assert_eq!(world.everything().await, everything, "{words}");
                }
            } else if allowed.contains(&to) {
                let (item, idempotent) = item_of(world.note(noted(who, before.id, to)).await);
                assert!(!idempotent, "{words}");
                moved(world, who, &before, &item, seq).await;
            } else {
                let no = Refusal::FollowupTransition {
                    item: Box::new(before.clone()),
                    to,
                    allowed: allowed.to_vec(),
                };
                assert_eq!(
                    world.refused(noted(who, before.id, to)).await,
                    no,
                    "{words}"
                );
            }
        }
    }
}

/// Checks the effects of a move.
async fn moved(world: &World, who: &str, before: &Followup, after: &Followup, seq: i64) {
    let (to, now) = (after.status, world.clock.now());
    let note = Some(format!("to {to}"));
    let taken = to.is_held() && !before.status.is_held();
    let mut expected = Followup {
        status: to,
        last_updated: now,
        ..before.clone()
    };
    if taken {
        (expected.owner, expected.claimed_at) = (Some(agent(who)), Some(now));
    }
    match to {
        Done => expected.done_at = Some(now),
        Dismissed => expected.dismiss_reason.clone_from(&note),
        Stale => expected.window_from = now,
        Queued | Claimed | InProgress => {}
    }
    if to.is_terminal() {
        expected.sources[0].ended = Some(Resolution::Answered);
        expected.sources[0].facts.answered = true;
    }
    let entry = after.history.last().expect("it has a history").clone();
    assert_eq!(
        (entry.status, entry.timestamp, &entry.note),
        (to, now, &note)
    );
    expected.history.push(entry);
    assert_eq!(*after, expected);
    let open = world.followups().await;
    let stored = open.iter().find(|item| item.id == after.id);
    assert_eq!(stored, Some(after).filter(|_| !to.is_terminal()));
    let [event] = &world.events_after(seq).await[..] else {
        panic!("one event was expected")
    };
    let kind = match to {
        Queued | Claimed | InProgress => EventKind::FollowupUpdated,
        Done => EventKind::FollowupDone,
        Dismissed => EventKind::FollowupDismissed,
        Stale => EventKind::FollowupStale,
    };
    assert_eq!((event.kind, event.item), (kind, Some(after.id)));
    assert_eq!((&event.agent, event.timestamp), (&after.owner, now));
    assert_eq!(
        (&event.repo, event.pull),
        (&Some(repo(API)), Some(after.number))
    );
    let details = Details::FollowupMoved {
        source: EventOrigin::Agent,
        status: to,
        note,
    };
    assert_eq!(event.details, details);
}

pub(super) async fn other_followups_of_a_held_pull_request_are_reserved(world: &World) {
    let first = brought_to(world, 7, Claimed).await;
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    assert_eq!((second.status, &second.owner), (Queued, &None));
    world.kept_from("bob", &second, "ann").await;
    let second = world.followed("ann", &second, InProgress).await;
    assert_eq!(second.owner, Some(agent("ann")));
    // The hold lasts while one of them is held.
    world.followed("ann", &first, Done).await;
    world.kept_from("bob", &second, "ann").await;
    let third = world.asked(pull(API, 7).said(comment(3))).await;
    world.followed("ann", &second, Done).await;
    world.followed("bob", &third, Claimed).await;
}

pub(super) async fn an_id_that_was_never_given_is_not_found(world: &World) {
    brought_to(world, 7, Queued).await;
    let id = WorkItemId(TestIds::seeded(99).uuid());
    for to in FollowupStatus::ALL {
        let no = world.refused(follow("ann", id, to)).await;
        assert_eq!(no, Refusal::FollowupNotFound { id });
    }
}

pub(super) async fn one_out_of_sight_is_not_found(world: &World) {
    let item = brought_to(world, 7, Claimed).await;
    let mut command = follow("ann", item.id, Done);
    command.caller = confined(&["acme/web"]);
    let no = world.refused(command.clone()).await;
    assert_eq!(no, Refusal::FollowupNotFound { id: item.id });
    command.caller = confined(&[API]);
    assert!(matches!(world.ask(command).await, Outcome::Done(_)));
}

pub(super) async fn a_followups_time_never_goes_back(world: &World) {
    let item = brought_to(world, 7, Queued).await;
    world.clock.set(item.created_at.minus(Millis::minutes(5)));
    let taken = world.followed("ann", &item, Claimed).await;
    assert_eq!(taken.last_updated, item.created_at);
    assert_eq!(taken.claimed_at, Some(item.created_at));
    let done = world.followed("ann", &item, Done).await;
    assert_eq!(done.done_at, Some(item.created_at));
    assert!(done.history.is_sorted_by_key(|entry| entry.timestamp));
}

pub(super) async fn pull_requests_of_one_number_are_told_apart(world: &World) {
    let here = brought_to(world, 7, Claimed).await;
    let there = world.asked(pull("acme/web", 7).said(comment(2))).await;
    assert_eq!(
        (&there.repo_name, there.number),
        (&repo("acme/web"), number(7))
    );
    let there = world.followed("bob", &there, Claimed).await;
    world.kept_from("bob", &here, "ann").await;
    world.kept_from("ann", &there, "bob").await;
}
