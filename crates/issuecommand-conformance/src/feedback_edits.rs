//! Feedback follows its latest state: edits, deletions, approvals, closing and reopening, merges of the base.

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::{Followup, FollowupStatus, Resolution, SourceId};
use issuecommand_core::domain::policy::{FollowupScope, Policy};
use issuecommand_core::domain::webhook::{GithubEvent, Refetch, WebhookAnswer};
use issuecommand_testkit::builders::{
    SourceDraft, comment, hear, issue, line_comment, minute, pull, review,
};

use FollowupStatus::{Claimed, Done, Queued};

use super::world::{API, World};

/// The waiting texts of a follow-up, each with its id.
pub(super) fn asked(item: &Followup) -> Vec<(&str, &str)> {
    let waiting = item.sources.iter().filter(|source| source.waits());
    waiting
        .map(|source| (source.id.0.as_str(), source.body.as_str()))
        .collect()
}

pub(super) fn said(source: SourceDraft) -> GithubEvent {
    pull(API, 7).said(source)
}

impl World {
    /// Known or resolved feedback, which creates no follow-up.
    pub(super) async fn told_again(&self, meaning: GithubEvent) {
        match self.delivered(meaning).await.0 {
            WebhookAnswer::Feedback { created: false, .. } => {}
            other => panic!("it was to make nothing, not {other:?}"),
        }
    }

    pub(super) async fn is_ignored(&self, meaning: GithubEvent) {
        let (answer, _) = self.delivered(meaning).await;
        assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
    }

    pub(super) async fn only(&self) -> Followup {
        let mut items = self.followups().await;
        assert_eq!(items.len(), 1, "{items:#?}");
        items.remove(0)
    }

    pub(super) async fn nothing_waits(&self) {
        assert_eq!(self.followups().await, []);
    }
}

pub(super) async fn an_edit_replaces_the_text_that_waits(world: &World) {
    let item = world.asked(said(comment(1).body("In progress …"))).await;
    let seq = world.last_event().await;
    world
        .told_again(said(comment(1).edited("Three findings: a, b, c.", 4)))
        .await;
    let edited = world.only().await;
    assert_eq!(
        (edited.id, asked(&edited)),
        (
            item.id,
            vec![("issue_comment:1", "Three findings: a, b, c.")]
        )
    );
    let kinds = world.kinds_after(seq).await;
    assert_eq!(
        kinds,
        [EventKind::FollowupUpdated, EventKind::WebhookReceived]
    );
    // A late older text does not overwrite a newer one, nor does a duplicate.
    for late in [
        comment(1).body("In progress …"),
        comment(1).edited("Two findings", 3),
    ] {
        world.told_again(said(late)).await;
        assert_eq!(world.only().await, edited);
    }
    // The latest text is served.
    let given = world.given("ann").await;
    assert_eq!(asked(&given), asked(&edited));
}

/// GitHub's times are whole seconds, and a bot may post and edit within one.
pub(super) async fn the_currently_shown_of_two_texts_of_one_second_wins(world: &World) {
    let first = || said(comment(1).at(2).body("In progress …"));
    let edited = || said(comment(1).at(2).edited("Two findings.", 2));
    let item = world.asked(first()).await;
    let (_, look) = world.delivered(edited()).await;
    assert!(matches!(look, Some(Refetch::Pull(..))), "{look:?}");
    assert_eq!(asked(&world.only().await), asked(&item));
    // GitHub is asked, and shows this text.
    world.note(hear(edited())).await;
    let shown = [("issue_comment:1", "Two findings.")];
    assert_eq!(asked(&world.only().await), shown);
    // The first text arrives once more.
    let (_, look) = world.delivered(first()).await;
    assert!(matches!(look, Some(Refetch::Pull(..))), "{look:?}");
    world.note(hear(edited())).await;
    assert_eq!(asked(&world.only().await), shown);
}

pub(super) async fn the_newest_text_wins_out_of_order(world: &World) {
    world.asked(said(comment(1).edited("Findings", 4))).await;
    world
        .told_again(said(comment(1).body("In progress …")))
        .await;
    assert_eq!(
        asked(&world.only().await),
        [("issue_comment:1", "Findings")]
    );
}

pub(super) async fn an_edit_that_adds_text_reopens_answered_feedback(world: &World) {
    let item = world
        .asked(said(comment(1).body("Please add a test.")))
        .await;
    world.followed("ann", &item, Claimed).await;
    world.followed("ann", &item, Done).await;
    // A corrected text reopens nothing.
    world
        .told_again(said(comment(1).edited("Please add some test.", 3)))
        .await;
    world.nothing_waits().await;
    let more = "Please add some test. And one for the empty list.";
    let again = world.asked(said(comment(1).edited(more, 5))).await;
    let name = SourceId::issue_comment(1).edited(minute(5));
    assert_eq!(asked(&again), [(name.0.as_str(), more)]);
    // A duplicate creates nothing more, and its next edit is a new event.
    world.told_again(said(comment(1).edited(more, 5))).await;
    world
        .told_again(said(comment(1).edited("Never mind the empty list.", 6)))
        .await;
    let waiting = world.only().await;
    assert_eq!(
        asked(&waiting),
        [(name.0.as_str(), "Never mind the empty list.")]
    );
    assert_eq!(world.happens(pull(API, 7).deleted(1)).await, 1);
    world.nothing_waits().await;
}

pub(super) async fn a_push_does_not_resolve_feedback_edited_later(world: &World) {
    world.asked(said(comment(1).body("In progress …"))).await;
    world.happens(pull(API, 7).at(5).pushed()).await;
    world.nothing_waits().await;
    let item = world
        .asked(said(comment(1).edited("Three findings: a, b, c.", 6)))
        .await;
    assert_eq!(item.sources.len(), 1);
    // The other order gives the same text.
    let other = |draft: SourceDraft| pull(API, 8).said(draft);
    world
        .asked(other(comment(2).edited("Three findings: a, b, c.", 6)))
        .await;
    world.happens(pull(API, 8).at(5).pushed()).await;
    assert_eq!(world.followups().await.len(), 2);
}

pub(super) async fn done_resolves_the_text_that_was_served(world: &World) {
    let item = world
        .asked(said(comment(1).body("Please add a test.")))
        .await;
    world.given("ann").await;
    world
        .told_again(said(
            comment(1).edited("Please rather remove the whole module.", 3),
        ))
        .await;
    let held = world.only().await;
    assert_eq!(held.id, item.id);
    assert_eq!(
        held.sources[0].body,
        "Please rather remove the whole module."
    );
    world.followed("ann", &held, Done).await;
    let left = world.only().await;
    assert_eq!(left.status, Queued);
    assert_eq!(
        left.sources[0].body,
        "Please rather remove the whole module."
    );
    assert_ne!(left.id, item.id);
    // The agent that was shown this text has answered it.
    let given = world.given("ann").await;
    world.followed("ann", &given, Done).await;
    world.nothing_waits().await;
}

pub(super) async fn deleted_feedback_ends(world: &World) {
    let item = world.asked(said(comment(1))).await;
    world.joined(said(comment(2))).await;
    assert_eq!(world.happens(pull(API, 7).deleted(1)).await, 0);
    let left = world.followup(item.id).await;
    assert_eq!(left.sources[0].ended, Some(Resolution::Deleted));
    assert_eq!(asked(&left).len(), 1);
    assert_eq!(world.happens(pull(API, 7).deleted(2)).await, 1);
    world.nothing_waits().await;
    // A deletion is final, in every order of deliveries.
    world.happens(pull(API, 7).deleted(3)).await;
    for n in [1, 3] {
        world.told_again(said(comment(n))).await;
        world
            .told_again(said(comment(n).edited("Other words than before", 9)))
            .await;
    }
    world.nothing_waits().await;
}

pub(super) async fn hidden_feedback_ends_until_it_is_unhidden(world: &World) {
    world.asked(said(comment(1))).await;
    let hidden = || said(comment(1).hidden());
    world.note(hear(hidden())).await;
    world.nothing_waits().await;
    // A delivery does not show whether a comment is hidden; a poll does.
    world.told_again(said(comment(1))).await;
    world.nothing_waits().await;
    world.note(hear(said(comment(1)))).await;
    assert_eq!(asked(&world.only().await).len(), 1);
}

pub(super) async fn an_approval_resolves_its_reviewers_change_requests(world: &World) {
    let item = world.asked(said(review(1).by("rita"))).await;
    world.joined(said(review(2).by("otto"))).await;
    world.joined(said(comment(3).by("rita"))).await;
    world.happens(pull(API, 7).approved("Rita", 2)).await;
    let left = world.followup(item.id).await;
    assert_eq!(left.sources[0].ended, Some(Resolution::Approved));
    assert_eq!(asked(&left).len(), 2, "only that reviewer's request");
    // Later requests of the same reviewer stay, earlier ones are resolved, in every order of deliveries.
    world.joined(said(review(4).by("rita").at(3))).await;
    world.told_again(said(review(5).by("rita").at(2))).await;
    assert_eq!(asked(&world.only().await).len(), 3);
}

pub(super) async fn an_approval_delivered_first_resolves_too(world: &World) {
    world.happens(pull(API, 7).approved("rita", 2)).await;
    world.born_done(said(review(1).by("rita").at(1))).await;
    world.asked(said(review(2).by("rita").at(3))).await;
}

pub(super) async fn a_dismissal_resolves_the_reviewers_earlier_requests(world: &World) {
    world.asked(said(review(1).by("rita").at(1))).await;
    world.joined(said(review(2).by("rita").at(2))).await;
    world.joined(said(review(3).by("rita").at(3))).await;
    world.happens(pull(API, 7).dismissed_of(2, "rita", 2)).await;
    assert_eq!(asked(&world.only().await)[0].0, "review:3");
}

pub(super) async fn the_priority_comes_from_waiting_feedback(world: &World) {
    let item = world.asked(said(review(1).by("rita"))).await;
    world.joined(said(comment(2))).await;
    world.asked(pull(API, 8).said(line_comment(3))).await;
    world.happens(pull(API, 7).approved("rita", 2)).await;
    assert_ne!(world.given("ann").await.id, item.id);
    assert_eq!(world.given("bob").await.id, item.id);
}

pub(super) async fn a_review_with_words_is_feedback_where_it_is_configured(world: &World) {
    world.asked(said(review(1).commented())).await;
    let policy = Policy {
        commented_reviews: false,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.is_ignored(said(review(2).commented())).await;
    world.joined(said(comment(3))).await;
}

pub(super) async fn only_pull_requests_of_claims_where_it_is_configured(world: &World) {
    let policy = Policy {
        followup_scope: FollowupScope::Claims,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.mirror(API, [issue(1)]).await;
    world.is_ignored(said(comment(1))).await;
    let claim = world.claim("ann", API, 1).await;
    world.names_its_pull(&claim, 7).await;
    // A poll finds earlier feedback.
    world.note(hear(said(comment(1)))).await;
    assert_eq!(asked(&world.only().await).len(), 1);
    world.is_ignored(pull(API, 8).said(comment(2))).await;
}

pub(super) async fn the_marker_counts_by_who_opened_the_claims_pull_request(world: &World) {
    let marked = |id| comment(id).body("Done. <!-- issuecommand -->").marked();
    world.mirror(API, [issue(1)]).await;
    world.happens(pull(API, 7).opened()).await;
    // The author of an unlinked pull request is not trusted.
    let item = world.asked(said(marked(1).by("ann"))).await;
    world.followed("bob", &item, Claimed).await;
    world.followed("bob", &item, Done).await;
    let claim = world.claim("worker", API, 1).await;
    world.names_its_pull(&claim, 7).await;
    world.is_ignored(said(marked(2).by("Ann"))).await;
    world.asked(said(marked(3).by("mallory"))).await;
}
