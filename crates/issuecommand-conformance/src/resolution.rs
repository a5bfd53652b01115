//! Merges, closings, dismissed reviews and resolved threads end follow-ups, also when they are reported late.

use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::followup::{Followup, FollowupStatus, Resolution};
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::{GithubEvent, Refetch};
use issuecommand_testkit::builders::{
    agent, comment, line_comment, minute, number, pull, repo, review, sweep,
};

use FollowupStatus::{Claimed, Dismissed, Done, InProgress, Queued, Stale};

use super::world::{API, World};

/// The ids of its events that still wait for an answer.
pub(super) fn live(item: &Followup) -> Vec<String> {
    let live = item.sources.iter().filter(|source| source.ended.is_none());
    live.map(|source| source.id.to_string()).collect()
}

/// Follow-ups on pull requests 1 to 4 of minute 1: queued, claimed, in progress and stale.
pub(super) async fn one_of_each(world: &World) -> Vec<Followup> {
    let ways: [&[FollowupStatus]; 4] = [&[], &[Claimed], &[InProgress], &[Claimed, Stale]];
    let mut items = Vec::new();
    for (n, way) in (1..).zip(ways) {
        let mut item = world.asked(pull(API, n).said(comment(n))).await;
        for to in way {
            item = world.followed("ann", &item, *to).await;
        }
        items.push(item);
    }
    items
}

/// A delivery ends this follow-up and no other; its event has this status and note.
pub(super) async fn ends(
    world: &World,
    item: &Followup,
    meaning: GithubEvent,
    to: FollowupStatus,
    note: &str,
) {
    let seq = world.last_event().await;
    assert_eq!(world.happens(meaning).await, 1, "{}", item.status);
    assert!(
        !world
            .followups()
            .await
            .iter()
            .any(|open| open.id == item.id)
    );
    let event = &world.events_after(seq).await[0];
    let kind = if to == Done {
        EventKind::FollowupDone
    } else {
        EventKind::FollowupDismissed
    };
    assert_eq!((event.kind, event.item), (kind, Some(item.id)));
    let details = Details::FollowupMoved {
        source: EventOrigin::Webhook,
        status: to,
        note: Some(note.to_owned()),
    };
    assert_eq!(event.details, details);
}

pub(super) async fn a_partial_resolution_does_not_refresh_a_stale_followup(world: &World) {
    let item = world.asked(pull(API, 7).said(comment(1).at(3))).await;
    world.joined(pull(API, 7).at(9).said(review(2).at(9))).await;
    world.pass(1440);
    world.note(sweep()).await;
    let seq = world.last_event().await;
    world.happens(pull(API, 7).at(9).dismissed(2)).await;
    let kinds = world.kinds_after(seq).await;
    assert_eq!(
        kinds,
        [EventKind::FollowupUpdated, EventKind::WebhookReceived]
    );
    assert_eq!(world.followup(item.id).await.status, Stale);
}

pub(super) async fn a_merge_ends_everything(world: &World) {
    let note = "The pull request was merged";
    for (n, item) in (1..).zip(one_of_each(world).await) {
        ends(
            world,
            &item,
            pull(API, n).at(5).ended_by_merge(),
            Done,
            note,
        )
        .await;
        // It is final, and later feedback is not asked for.
        world.happens(pull(API, n).at(6).reopened()).await;
        world
            .born_done(pull(API, n).at(7).said(comment(10 + n).at(7)))
            .await;
        world
            .born_done(pull(API, n).at(7).said(review(20 + n).some_time()))
            .await;
    }
}

pub(super) async fn a_closing_dismisses_with_the_reason(world: &World) {
    let note = "The pull request was closed without being merged";
    for (n, item) in (1..).zip(one_of_each(world).await) {
        ends(
            world,
            &item,
            pull(API, n).at(5).ended_unmerged(),
            Dismissed,
            note,
        )
        .await;
        world
            .born_done(pull(API, n).closed().at(6).said(comment(10 + n).at(6)))
            .await;
    }
}

pub(super) async fn feedback_after_a_reopen_counts(world: &World) {
    world.asked(pull(API, 7).said(comment(1).at(1))).await;
    world.happens(pull(API, 7).at(2).ended_unmerged()).await;
    world
        .born_done(pull(API, 7).at(3).closed().said(comment(2).at(3)))
        .await;
    world.happens(pull(API, 7).at(4).reopened()).await;
    // Earlier feedback waits again with it, even if it arrives late.
    world
        .joined(pull(API, 7).at(1).said(comment(3).at(1)))
        .await;
    world
        .joined(pull(API, 7).at(3).closed().said(review(4).at(3)))
        .await;
    let item = world
        .joined(pull(API, 7).at(5).said(comment(5).at(5)))
        .await;
    let names = [
        "issue_comment:1",
        "issue_comment:2",
        "issue_comment:3",
        "review:4",
        "issue_comment:5",
    ];
    assert_eq!(live(&item), names);
}

pub(super) async fn feedback_after_a_reopen_counts_before_the_reopen_is_delivered(world: &World) {
    for (n, said) in [
        (7, comment(1).at(4)),
        (8, review(2).at(4)),
        (9, line_comment(3).at(4)),
    ] {
        world.happens(pull(API, n).at(2).ended_unmerged()).await;
        let item = world.asked(pull(API, n).at(4).said(said)).await;
        world.happens(pull(API, n).at(3).reopened()).await;
        assert_eq!(world.followup(item.id).await, item);
        // A late delivery about the time of the close changes nothing either.
        world.happens(pull(API, n).at(2).ended_unmerged()).await;
        assert_eq!(world.followup(item.id).await, item);
        world.happens(pull(API, n).at(5).ended_unmerged()).await;
    }
    assert_eq!(world.followups().await, []);
}

pub(super) async fn a_dismissed_review_is_resolved(world: &World) {
    let item = world.asked(pull(API, 7).said(review(1))).await;
    let note = "The review was dismissed";
    ends(world, &item, pull(API, 7).dismissed(1), Done, note).await;
    // With another event in it the rest stays.
    let item = world.asked(pull(API, 7).said(review(2))).await;
    world.joined(pull(API, 7).said(line_comment(3))).await;
    assert_eq!(world.happens(pull(API, 7).dismissed(2)).await, 0);
    let left = world.followup(item.id).await;
    assert_eq!(live(&left), ["review_comment:3"]);
    assert_eq!(left.sources[0].ended, Some(Resolution::Dismissed));
    // A duplicate changes nothing.
    assert_eq!(world.happens(pull(API, 7).dismissed(2)).await, 0);
    assert_eq!(world.followups().await, [left]);
}

pub(super) async fn a_resolved_thread_resolves_its_comments(world: &World) {
    let item = world.asked(pull(API, 7).said(line_comment(1))).await;
    world.joined(pull(API, 7).said(line_comment(2))).await;
    world.joined(pull(API, 7).said(line_comment(3))).await;
    assert_eq!(world.happens(pull(API, 7).resolved(&[1, 3])).await, 0);
    assert_eq!(live(&world.followup(item.id).await), ["review_comment:2"]);
    let note = "The thread was resolved";
    ends(world, &item, pull(API, 7).resolved(&[2, 9]), Done, note).await;
    // The last event had not arrived, and is resolved when it arrives.
    world
        .born_done_or_known(pull(API, 7).said(line_comment(9)))
        .await;
}

pub(super) async fn feedback_withdrawn_before_it_arrives_is_resolved(world: &World) {
    world.happens(pull(API, 7).dismissed(1)).await;
    world.happens(pull(API, 7).resolved(&[2])).await;
    world.born_done_or_known(pull(API, 7).said(review(1))).await;
    world
        .born_done_or_known(pull(API, 7).said(line_comment(2)))
        .await;
    // A line comment and a review with the same number are different.
    world.asked(pull(API, 7).said(review(2))).await;
}

pub(super) async fn the_end_of_one_ends_the_hold(world: &World) {
    world.authored("ann").await;
    let first = world.asked(pull(API, 7).said(review(1))).await;
    world.followed("bob", &first, Claimed).await;
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    world.kept_from("ann", &second, "bob").await;
    world.pass(60);
    world.happens(pull(API, 7).dismissed(1)).await;
    let second = world.followup(second.id).await;
    assert_eq!(
        (second.status, second.window_from),
        (Queued, world.clock.now())
    );
    world.given_nothing("bob").await;
    assert_eq!(world.given("ann").await.owner, Some(agent("ann")));
}

pub(super) async fn an_older_snapshot_of_a_pull_request_is_ignored(world: &World) {
    world
        .happens(pull(API, 7).at(5).title("New").edited())
        .await;
    world
        .happens(pull(API, 7).at(3).title("Old").opened())
        .await;
    let item = world
        .asked(pull(API, 7).at(4).title("Old").said(comment(1).at(4)))
        .await;
    assert_eq!(item.pr_title, "New");
    world.happens(pull(API, 8).at(5).ended_by_merge()).await;
    world.happens(pull(API, 8).at(9).opened()).await;
    world
        .born_done(pull(API, 8).at(9).said(comment(2).at(9)))
        .await;
}

pub(super) async fn contradictory_evidence_of_one_time_is_refetched(world: &World) {
    let look = Some(Refetch::Pull(repo(API), number(7)));
    world.happens(pull(API, 7).at(5).opened()).await;
    world.happens(pull(API, 7).at(5).opened()).await;
    let (_, asked) = world
        .delivered(pull(API, 7).at(5).title("Other").edited())
        .await;
    assert_eq!(asked, look);
    let (_, asked) = world
        .delivered(pull(API, 7).at(5).title("Third").said(review(1)))
        .await;
    assert_eq!(asked, look);
    // An older state is no tie.
    world
        .happens(pull(API, 7).at(4).title("Fourth").edited())
        .await;
    assert_eq!(minute(5), world.clock.now());
}
