//! Records the activity of a pull request: open or closed, head commits, and pushes.

use super::Context;
use super::effects::Effects;
use crate::domain::id::IssueNumber;
use crate::domain::pull_request::{Pull, PullRequestSnapshot, PullValidators};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{PullChange, PullRequestRef, Refetch};
use crate::engine::command::{Answer, Outcome};
use crate::engine::view::Rows;

impl Context<'_> {
    /// Applies a message's state and head to the row that already has its facts. The newest message about open or closed wins,
    /// in any order of arrival.
    pub(super) fn record_activity(
        &self,
        pull: &mut Pull,
        known: Option<&Pull>,
        seen: &PullRequestSnapshot,
        change: PullChange,
    ) {
        let now = self.on_github(self.now);
        let at = match change {
            PullChange::Facts | PullChange::Pushed(_) => seen.updated_at,
            PullChange::ClosedOrReopened(at) => at.max(seen.updated_at).or(Some(now)),
        };
        let last = known.and_then(state_at).filter(|at| !self.is_ahead(*at));
        // A message without a time does not override one with a time.
        let counts = known.is_none() || (at >= last && (at.is_some() || last.is_none()));
        pull.facts.open = if counts {
            seen.open
        } else {
            known.is_none_or(|known| known.facts.open)
        };
        pull.activity.state_at = at.max(last);
        pull.facts.open &= !pull.facts.merged;
        if let Some((head, at)) = seen.head.as_ref().zip(seen.updated_at) {
            pull.activity.record_head(head, at);
        }
        if let PullChange::Pushed(at) = change {
            let at = at.unwrap_or(now);
            match &seen.head {
                Some(head) => pull.activity.record_push(head, at),
                None => pull.pushed_at = pull.pushed_at.max(Some(at)),
            }
        }
        if let Some(before) = &seen.pushed_over {
            pull.activity.record_earlier_head(before);
        }
        pull.facts.pushed_over = None;
    }

    pub(super) fn finish_pull_poll(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        validators: &PullValidators,
        shown: bool,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(key) = self.view.repo_named(repo).map(|repo| (repo.id, number)) else {
            return Outcome::Done(Answer::Noted);
        };
        self.follow_poll(key, shown, fx);
        if let Some(pull) = self.view.pull(key) {
            fx.put_pull(Pull {
                validators: validators.clone(),
                ..pull.clone()
            });
        }
        Outcome::Done(Answer::Noted)
    }
}

/// GitHub's newest time for open or closed. Rows from before it was stored use the last change.
fn state_at(pull: &Pull) -> Option<Timestamp> {
    pull.activity
        .state_at
        .or(pull.facts.updated_at.max(pull.closed_or_reopened_at))
}

/// Records whether a comment's pull request is open; the payload has no more. If that is new, GitHub is asked for the rest.
pub(super) fn record_glance(
    repo: &Repo,
    known: &Pull,
    glance: &PullRequestRef,
    fx: &mut Effects<'_>,
) -> Pull {
    let mut pull = known.clone();
    let (Some(open), Some(at)) = (glance.open, glance.at) else {
        return pull;
    };
    let last = state_at(known);
    if open != known.facts.open && !known.facts.merged && Some(at) >= last {
        fx.look = Some(Refetch::Pull(repo.facts.name.clone(), glance.number));
    }
    if Some(at) > last {
        pull.activity.state_at = Some(at);
        pull.facts.open = open && !known.facts.merged;
    }
    if pull != *known {
        fx.put_pull(pull.clone());
    }
    pull
}

/// Records a head commit of a pull request as GitHub reported it.
pub(super) fn record_head(
    repo: &RepoName,
    number: IssueNumber,
    sha: &str,
    merges_base_into: Option<&str>,
    fx: &mut Effects<'_>,
) -> Outcome {
    let key = fx.repo_named(repo).map(|repo| (repo.id, number));
    let pull = key.and_then(|key| fx.pull(key)).cloned();
    if let Some(mut pull) = pull {
        let into = merges_base_into.map(str::to_owned);
        pull.activity.record_commit(sha, into);
        fx.put_pull(pull);
    }
    Outcome::Done(Answer::Noted)
}
