//! The forms of values that both databases store as JSON or text. They contain names of Rust fields and variants, so a rename
//! without `#[serde(rename)]` would make existing rows unreadable.

use std::fmt::Debug;

use issuecommand_core::domain::access_key::KeyOutcome;
use issuecommand_core::domain::claim::{ClaimStatus, Followed, Link, LinkOrigin};
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::followup::{
    FeedbackEvent, FollowupStatus, Resolution, Side, SourceFacts, SourceKind,
};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::issue::{IssueState, WithheldReason};
use issuecommand_core::domain::lease::LeaseOutcome;
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::pull_request::{
    Activity, Closing, PullRequestSnapshot, PullValidators,
};
use issuecommand_core::domain::repo_policy::RepoPolicy;
use issuecommand_core::domain::time::ClockSteps;
use issuecommand_core::domain::webhook::{Ignored, Refetch, WebhookAnswer};
use issuecommand_core::engine::command::Answer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// By type, values as the current version writes them: each variant at least once, with every field that it can have. Forms may
/// be added, and existing ones stay.
const FORMS: &str = include_str!("stored/forms.json");

fn forms() -> Map<String, Value> {
    serde_json::from_str(FORMS).unwrap()
}

/// Reads each form of this type, and writes it unchanged.
fn pinned<T: Serialize + DeserializeOwned + Debug>(name: &str) -> Vec<T> {
    let forms = forms();
    let forms = forms[name].as_array().unwrap();
    let read = |form: &Value| {
        let value: T = serde_json::from_value(form.clone())
            .unwrap_or_else(|error| panic!("{name}: {form} cannot be read: {error}"));
        assert_eq!(serde_json::to_value(&value).unwrap(), *form, "{name}");
        value
    };
    forms.iter().map(read).collect()
}

/// Fails if a variant has no form. The number comes from a `match`, so that a new variant does not compile without one.
fn each_variant<T: Debug>(values: &[T], count: usize, number: impl Fn(&T) -> usize) {
    let mut missing: Vec<usize> = (0..count).collect();
    missing.retain(|n| !values.iter().any(|value| number(value) == *n));
    assert!(missing.is_empty(), "no form for the variants {missing:?}");
}

#[test]
fn values_kept_as_json_keep_their_forms() {
    pinned::<RepoPolicy>("RepoPolicy");
    pinned::<Write>("Write");
    pinned::<PullRequestSnapshot>("PullFacts");
    pinned::<PullValidators>("PullValidators");
    pinned::<Activity>("Activity");
    pinned::<Closing>("Closing");
    pinned::<FeedbackEvent>("Source");
    pinned::<SourceFacts>("SourceFacts");
    pinned::<ClockSteps>("ClockSteps");
    let links = pinned::<Link>("Link");
    each_variant(&links, 3, |link| match link.followed {
        Followed::Nothing => 0,
        Followed::Opened => 1,
        Followed::Merged => 2,
    });
    each_variant(&links, 2, |link| match link.origin {
        LinkOrigin::Agent => 0,
        LinkOrigin::Derived => 1,
    });
}

#[test]
fn remembered_answers_keep_their_forms() {
    let answers = pinned::<Answer>("Answer");
    each_variant(&answers, 14, |answer| match answer {
        Answer::Claim { .. } => 0,
        Answer::Followup { .. } => 1,
        Answer::Delivery { .. } => 2,
        Answer::Tally { .. } => 3,
        Answer::Reranked(_) => 4,
        Answer::Lease(_) => 5,
        Answer::Key(_) => 6,
        Answer::Noted => 7,
        Answer::Readiness { .. } => 8,
        Answer::Halt(_) => 9,
        Answer::Heard { .. } => 10,
        Answer::Hindrances(_) => 11,
        Answer::SignedIn(_) => 12,
        Answer::Retried(_) => 13,
    });
    let (mut to_github, mut looks, mut leases, mut keys) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Answer::Delivery { answer, look } => {
                to_github.push(answer);
                looks.extend(look);
            }
            Answer::Lease(taken) => leases.push(taken),
            Answer::Key(keyed) => keys.push(*keyed),
            Answer::Claim { .. }
            | Answer::Followup { .. }
            | Answer::Tally { .. }
            | Answer::Reranked(_)
            | Answer::Readiness { .. }
            | Answer::Halt(_)
            | Answer::Heard { .. }
            | Answer::Hindrances(_)
            | Answer::SignedIn(_)
            | Answer::Retried(_)
            | Answer::Noted => {}
        }
    }
    each_variant(&to_github, 9, |answer| match answer {
        WebhookAnswer::Feedback { .. } => 0,
        WebhookAnswer::Taken { .. } => 1,
        WebhookAnswer::Duplicate { .. } => 2,
        WebhookAnswer::Ignored(Ignored::MissingRepoOrPr) => 3,
        WebhookAnswer::Ignored(Ignored::InvalidRepo) => 4,
        WebhookAnswer::Ignored(Ignored::InvalidPrNumber) => 5,
        WebhookAnswer::Ignored(Ignored::NotActionable(_)) => 6,
        WebhookAnswer::Ignored(Ignored::PullAction(_)) => 7,
        WebhookAnswer::Ignored(Ignored::Other(_)) => 8,
    });
    each_variant(&looks, 6, |look| match look {
        Refetch::Issue(..) => 0,
        Refetch::Pull(..) => 1,
        Refetch::Repo(_) => 2,
        Refetch::Issues(_) => 3,
        Refetch::Repos => 4,
        Refetch::Edges(..) => 5,
    });
    each_variant(&leases, 2, |taken| match taken {
        LeaseOutcome::Acquired(_) => 0,
        LeaseOutcome::Held { .. } => 1,
    });
    each_variant(&keys, 4, |keyed| match keyed {
        KeyOutcome::Made(_) => 0,
        KeyOutcome::NameTaken(_) => 1,
        KeyOutcome::Revoked { .. } => 2,
        KeyOutcome::Unknown => 3,
    });
}

#[test]
fn details_of_events_keep_their_forms() {
    each_variant(&pinned::<Details>("Details"), 14, |details| match details {
        Details::Reconciled(_) => 0,
        Details::Created { .. } => 1,
        Details::FollowupCreated { .. } => 2,
        Details::FollowupClaimed { .. } => 3,
        Details::FollowupMoved { .. } => 4,
        Details::Webhook { .. } => 5,
        Details::Transferred { .. } => 6,
        Details::Moved { .. } => 7,
        Details::Work { .. } => 8,
        Details::Unblocked { .. } => 9,
        Details::Cycle { .. } => 10,
        Details::HeldBack { .. } => 11,
        Details::Given { .. } => 12,
        Details::Parked(_) => 13,
    });
}

#[test]
fn stored_enum_names_are_pinned() {
    each_variant(
        &pinned::<ClaimStatus>("ClaimStatus"),
        7,
        |status| match status {
            ClaimStatus::Claimed => 0,
            ClaimStatus::InProgress => 1,
            ClaimStatus::PrSubmitted => 2,
            ClaimStatus::PrMerged => 3,
            ClaimStatus::Closed => 4,
            ClaimStatus::Released => 5,
            ClaimStatus::Stale => 6,
        },
    );
    each_variant(
        &pinned::<FollowupStatus>("FollowupStatus"),
        6,
        |status| match status {
            FollowupStatus::Queued => 0,
            FollowupStatus::Claimed => 1,
            FollowupStatus::InProgress => 2,
            FollowupStatus::Done => 3,
            FollowupStatus::Dismissed => 4,
            FollowupStatus::Stale => 5,
        },
    );
    each_variant(&pinned::<SourceKind>("SourceKind"), 3, |kind| match kind {
        SourceKind::ReviewChangesRequested => 0,
        SourceKind::ReviewComment => 1,
        SourceKind::PrComment => 2,
    });
    each_variant(&pinned::<Resolution>("Ending"), 10, |ending| match ending {
        Resolution::Answered => 0,
        Resolution::Pushed => 1,
        Resolution::Dismissed => 2,
        Resolution::Resolved => 3,
        Resolution::Merged => 4,
        Resolution::Closed => 5,
        Resolution::Approved => 6,
        Resolution::Deleted => 7,
        Resolution::Minimized => 8,
        Resolution::Edited => 9,
    });
    each_variant(&pinned::<Side>("Side"), 2, |side| match side {
        Side::Left => 0,
        Side::Right => 1,
    });
    each_variant(&pinned::<WithheldReason>("Doubt"), 6, |doubt| match doubt {
        WithheldReason::NotFound => 0,
        WithheldReason::Gone => 1,
        WithheldReason::Moved => 2,
        WithheldReason::CalledClosed => 3,
        WithheldReason::Closing => 4,
        WithheldReason::CloseFailed => 5,
    });
    each_variant(
        &pinned::<IssueState>("IssueState"),
        2,
        |state| match state {
            IssueState::Open => 0,
            IssueState::Closed => 1,
        },
    );
    each_variant(
        &pinned::<Principal>("Principal"),
        4,
        |principal| match principal {
            Principal::ApiKey => 0,
            Principal::Local => 1,
            Principal::System => 2,
            Principal::Key(_) => 3,
        },
    );
    each_variant(&pinned::<EventKind>("EventKind"), 26, |kind| match kind {
        EventKind::ClaimCreated => 0,
        EventKind::ClaimUpdated => 1,
        EventKind::ClaimMoved => 2,
        EventKind::ClaimReleased => 3,
        EventKind::ClaimStale => 4,
        EventKind::ClaimAutoReleased => 5,
        EventKind::ClaimCompetingPr => 6,
        EventKind::FollowupCreated => 7,
        EventKind::FollowupClaimed => 8,
        EventKind::FollowupUpdated => 9,
        EventKind::FollowupDone => 10,
        EventKind::FollowupDismissed => 11,
        EventKind::FollowupStale => 12,
        EventKind::WebhookReceived => 13,
        EventKind::SyncReconciled => 14,
        EventKind::WorkPaused => 15,
        EventKind::WorkDraining => 16,
        EventKind::WorkResumed => 17,
        EventKind::IssueUnblocked => 18,
        EventKind::DependencyCycle => 19,
        EventKind::FollowupHeldBack => 20,
        EventKind::ClaimGiven => 21,
        EventKind::IssueParked => 22,
        EventKind::IssueOffered => 23,
        EventKind::PolicyChanged => 24,
        EventKind::PolicyBroken => 25,
    });
}
