//! Removes GitHub's times that lie in its future. A row with such a time would be newer than all later messages.

use std::borrow::Cow;

use super::Context;
use crate::domain::followup::FeedbackEvent;
use crate::domain::issue::{Issue, MirroredIssue};
use crate::domain::pull_request::PullRequestSnapshot;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::{GithubEvent, PullChange, PullRequestRef};
use crate::engine::command::{Action, Command};

/// How far one of GitHub's times may be ahead of GitHub's clock and still count.
pub(crate) const MAX_AHEAD: Millis = Millis::minutes(1);

/// The command's time on GitHub's clock.
#[derive(Clone, Copy)]
struct GithubNow(Timestamp);

impl GithubNow {
    fn is_ahead(self, at: Timestamp) -> bool {
        at > self.0.plus(MAX_AHEAD)
    }

    /// Replaces a time in the future by the present. Returns whether it did.
    fn bound(self, at: &mut Timestamp) -> bool {
        let ahead = self.is_ahead(*at);
        if ahead {
            *at = self.0;
        }
        ahead
    }

    fn bound_all<'t>(self, times: impl IntoIterator<Item = &'t mut Option<Timestamp>>) -> bool {
        let mut any = false;
        for at in times.into_iter().flatten() {
            any |= self.bound(at);
        }
        any
    }
}

/// The command without future times, if it had any. Issues keep theirs, because they are compared with the row first: see
/// [`Context::believed`].
pub(super) fn without_future(command: &Command, now: Timestamp) -> Option<Command> {
    let (Action::ProcessDelivery { meaning, .. } | Action::ApplyPolledEvent(meaning)) =
        &command.action
    else {
        return None;
    };
    let now = GithubNow(now.plus(command.skew));
    let mut bounded = (**meaning).clone();
    let is_poll = matches!(command.action, Action::ApplyPolledEvent(_));
    if !bound_meaning(&mut bounded, now, is_poll) {
        return None;
    }
    let mut command = command.clone();
    if let Action::ProcessDelivery { meaning, .. } | Action::ApplyPolledEvent(meaning) =
        &mut command.action
    {
        **meaning = bounded;
    }
    Some(command)
}

fn bound_meaning(meaning: &mut GithubEvent, now: GithubNow, is_poll: bool) -> bool {
    match meaning {
        GithubEvent::Feedback {
            pull,
            source,
            voice,
            ..
        } => {
            bound_glance(pull, now, is_poll)
                | bound_source(source, now)
                | now.bound_all([&mut voice.as_of])
        }
        GithubEvent::Withdrawn { pull, at, .. } | GithubEvent::Unresolved { pull, at, .. } => {
            bound_glance(pull, now, is_poll) | now.bound_all([at])
        }
        GithubEvent::Pull { pull, change, .. } => {
            let bound = match change {
                PullChange::Pushed(at) | PullChange::ClosedOrReopened(at) => now.bound_all([at]),
                PullChange::Facts => false,
            };
            bound | bound_pull(pull, now, is_poll)
        }
        GithubEvent::IssueComment { at, .. } => now.bound_all([at]),
        GithubEvent::Issue { .. }
        | GithubEvent::Transferred { .. }
        | GithubEvent::Dependency { .. }
        | GithubEvent::SubIssue { .. }
        | GithubEvent::Relabelled { .. }
        | GithubEvent::Member { .. }
        | GithubEvent::Repo { .. }
        | GithubEvent::Access { .. }
        | GithubEvent::Ping
        | GithubEvent::Ignored(_) => false,
    }
}

fn bound_source(source: &mut FeedbackEvent, now: GithubNow) -> bool {
    now.bound_all([&mut source.created_at, &mut source.updated_at])
}

fn bound_glance(pull: &mut PullRequestRef, now: GithubNow, is_poll: bool) -> bool {
    let facts = pull.facts.as_mut();
    now.bound_all([&mut pull.at]) | facts.is_some_and(|facts| bound_pull(facts, now, is_poll))
}

/// A delivery with a future time counts as one without a time. An answer to a poll is as of now.
fn bound_pull(pull: &mut PullRequestSnapshot, now: GithubNow, is_poll: bool) -> bool {
    let ahead = pull.updated_at.is_some_and(|at| now.is_ahead(at));
    if ahead {
        pull.updated_at = is_poll.then_some(now.0);
    }
    ahead | now.bound_all([&mut pull.closed_at, &mut pull.merged_at])
}

/// Whether a delivery gives a pull request a time in GitHub's future, so that GitHub must be asked.
pub(super) fn is_from_the_future(command: &Command, now: Timestamp) -> bool {
    let Action::ProcessDelivery { meaning, .. } = &command.action else {
        return false;
    };
    let facts = match &**meaning {
        GithubEvent::Feedback { pull, .. }
        | GithubEvent::Withdrawn { pull, .. }
        | GithubEvent::Unresolved { pull, .. } => pull.facts.as_ref(),
        GithubEvent::Pull { pull, .. } => Some(pull),
        GithubEvent::Issue { .. }
        | GithubEvent::Transferred { .. }
        | GithubEvent::Dependency { .. }
        | GithubEvent::SubIssue { .. }
        | GithubEvent::IssueComment { .. }
        | GithubEvent::Relabelled { .. }
        | GithubEvent::Member { .. }
        | GithubEvent::Repo { .. }
        | GithubEvent::Access { .. }
        | GithubEvent::Ping
        | GithubEvent::Ignored(_) => None,
    };
    let now = GithubNow(now.plus(command.skew));
    facts.is_some_and(|facts| facts.updated_at.is_some_and(|at| now.is_ahead(at)))
}

impl Context<'_> {
    /// Whether a time lies in GitHub's future.
    pub(super) fn is_ahead(&self, at: Timestamp) -> bool {
        GithubNow(self.on_github(self.now)).is_ahead(at)
    }

    /// An issue without future times. It gets the time of the known row instead, so that it is not newer than the next message.
    /// If the two then differ, GitHub is asked.
    pub(super) fn believed<'i>(
        &self,
        issue: &'i Issue,
        row: Option<&MirroredIssue>,
    ) -> Cow<'i, Issue> {
        let now = GithubNow(self.on_github(self.now));
        if !now.is_ahead(issue.updated_at) && !now.is_ahead(issue.created_at) {
            return Cow::Borrowed(issue);
        }
        let mut issue = issue.clone();
        now.bound(&mut issue.created_at);
        if now.is_ahead(issue.updated_at) {
            let last = row.map(|row| row.facts.updated_at);
            let last = last.filter(|last| !now.is_ahead(*last));
            issue.updated_at = last.unwrap_or(issue.created_at);
        }
        Cow::Owned(issue)
    }
}
