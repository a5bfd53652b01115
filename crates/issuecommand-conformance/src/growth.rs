//! Data that grows without bound: histories, the events of one pull request, ended rows. They are loaded and returned in
//! bounded parts, and nothing is lost.

use issuecommand_core::domain::bounds::{HISTORY_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::ports::store::{FollowupFilter, HistoryQuery};
use issuecommand_testkit::builders::{
    comment, follow, issue, line_comment, local, pull, release, work,
};

use super::feedback_edits::{asked, said};
use super::world::{API, World, claim_of};

pub(super) async fn a_long_history_is_loaded_by_its_end(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    let move_to = |n: usize, to: ClaimStatus| {
        let note = match n {
            // From before notes were bounded.
            60 => "é".repeat(NOTE_MAX * 2),
            _ => format!("move {n}"),
        };
        let action = Action::UpdateClaim {
            claim: claim.id,
            agent: claim.agent.clone(),
            to,
            note: Some(note),
            pr_url: None,
        };
        Command::new(&local(), action)
    };
    let mut moved = claim.clone();
    for n in 1..=70 {
        let to = if n % 2 == 1 {
            ClaimStatus::InProgress
        } else {
            ClaimStatus::Stale
        };
        moved = claim_of(world.note(move_to(n, to)).await).0;
        assert_eq!(moved.earlier + moved.history.len(), n + 1);
    }
    let held = world.holder(API, 1).await.expect("it is held");
    assert_eq!(
        (held.earlier, held.history.len()),
        (71 - HISTORY_MAX, HISTORY_MAX)
    );
    assert_eq!((held.status, &held.agent), (moved.status, &moved.agent));
    let notes: Vec<Option<&str>> = held
        .history
        .iter()
        .map(|entry| entry.note.as_deref())
        .collect();
    assert_eq!(notes[HISTORY_MAX - 1], Some("move 70"));
    assert_eq!(notes[0], Some("move 21"));
    let long = notes[60 - 21].expect("it has a note");
    assert!(long.len() > NOTE_MAX, "its length is reported");
    // It continues from its status, and ends.
    let (ended, _) = world.claimed(release(&held)).await;
    assert_eq!(ended.earlier + ended.history.len(), 72);
    let ended = world.ended().await.remove(0);
    assert_eq!((ended.earlier, ended.history.len()), (22, HISTORY_MAX));
    assert_eq!(ended.history[HISTORY_MAX - 1].status, ClaimStatus::Released);

    // The same for follow-ups.
    let item = world.asked(said(comment(1))).await;
    for n in 0..60 {
        let to = if n % 2 == 0 {
            FollowupStatus::Claimed
        } else {
            FollowupStatus::Stale
        };
        world.followed("ann", &item, to).await;
    }
    let held = world.only().await;
    assert_eq!(
        (held.earlier, held.history.len()),
        (61 - HISTORY_MAX, HISTORY_MAX)
    );
}

pub(super) async fn ended_rows_are_listed_by_status(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    let mut claims = Vec::new();
    for n in 1..=3 {
        claims.push(world.claim("ann", API, n).await);
    }
    let mut released = Vec::new();
    for claim in &claims {
        world.pass(1);
        released.insert(0, world.claimed(release(claim)).await.0);
    }
    let query = |status| HistoryQuery {
        status: Some(status),
        limit: 2,
        ..HistoryQuery::default()
    };
    assert_eq!(
        world.history(&query(ClaimStatus::Released)).await,
        released[..2]
    );
    assert_eq!(world.history(&query(ClaimStatus::Closed)).await, []);

    let mut done = Vec::new();
    for n in 1..=3 {
        let item = world.asked(pull(API, n).said(comment(n))).await;
        world.pass(1);
        world.followed("ann", &item, FollowupStatus::Claimed).await;
        let to = if n == 2 {
            FollowupStatus::Dismissed
        } else {
            FollowupStatus::Done
        };
        done.insert(0, world.followed("ann", &item, to).await);
    }
    let open = world.asked(pull(API, 9).said(comment(9))).await;
    let filter = |status| FollowupFilter {
        status: Some(status),
        ..FollowupFilter::default()
    };
    let listed = world.followups_of(&filter(FollowupStatus::Done)).await;
    assert_eq!(listed, [done[0].clone(), done[2].clone()]);
    let listed = world.followups_of(&filter(FollowupStatus::Dismissed)).await;
    assert_eq!(listed, [done[1].clone()]);
    let of_pull = FollowupFilter {
        number: Some(done[0].number),
        ..filter(FollowupStatus::Done)
    };
    assert_eq!(world.followups_of(&of_pull).await, [done[0].clone()]);
    assert_eq!(world.followups().await, [open]);
}

pub(super) async fn a_crowd_of_events_is_told_of_in_one_bounded_note(world: &World) {
    let crowd: Vec<i64> = (1..=30).collect();
    world.asked(said(line_comment(99))).await;
    for n in &crowd {
        world.joined(said(line_comment(*n))).await;
    }
    world.happens(pull(API, 7).at(5).resolved(&crowd)).await;
    let item = world.only().await;
    assert_eq!(asked(&item).len(), 1);
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(6).unresolved(&crowd)).await;
    let item = world.only().await;
    assert_eq!(asked(&item).len(), 31);
    let events = world.events_after(seq).await;
    let notes = events.iter().filter_map(|event| match &event.details {
        Details::FollowupMoved { note, .. } => note.as_deref(),
        _ => None,
    });
    let notes: Vec<&str> = notes.collect();
    let [note] = notes[..] else {
        panic!("{notes:?}")
    };
    assert_eq!(note.split("; ").count(), 21, "{note}");
    assert!(note.ends_with("; and 10 more"), "{note}");
}

/// Every event of a long conversation is processed in one command, in order and once.
pub(super) async fn a_crowd_is_closed_and_opened_again(world: &World) {
    const CROWD: i64 = 150;
    for n in 1..=CROWD {
        world.delivered(said(comment(n))).await;
    }
    let item = world.only().await;
    assert_eq!(item.sources.len(), 150);
    assert_eq!(world.happens(pull(API, 7).at(5).ended_unmerged()).await, 1);
    world.nothing_waits().await;
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(6).reopened()).await;
    let again = world.only().await;
    assert_ne!(again.id, item.id);
    let ids = |item: &issuecommand_core::domain::followup::Followup| -> Vec<String> {
        asked(item).iter().map(|(id, _)| (*id).to_owned()).collect()
    };
    assert_eq!(ids(&again).len(), 150);
    let mut all: Vec<String> = item
        .sources
        .iter()
        .map(|source| source.id.0.clone())
        .collect();
    let mut now = ids(&again);
    all.sort();
    now.sort();
    assert_eq!(now, all);
    let made = world.events_after(seq).await;
    let made = made
        .iter()
        .filter(|event| event.kind == EventKind::FollowupCreated);
    assert_eq!(made.count(), 1);
    // And its agent answers all of them at once.
    world.quiet().await;
    let given = world.given("ann").await;
    world
        .note(follow("ann", given.id, FollowupStatus::Done))
        .await;
    world.nothing_waits().await;
    world.refused(work("ann")).await;
}
