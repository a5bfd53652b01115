//! Whether an issue may be handed out, and what stands against it.
//!
//! [`MirroredIssue::own_reasons`] needs the issue's row alone; a store keeps these reasons with the row and asks whether there
//! are any. [`readiness`] adds what depends on other rows. When a repository is offered again, a database fills its part of the
//! queue by a statement, which asks for the stored reasons, the repository and the active claim.

use serde::{Deserialize, Serialize};

use crate::domain::issue::{IssueState, MirroredIssue, WithheldReason};
use crate::domain::refusal::Unclaimable;
use crate::domain::repo::Repo;

/// A reason for which an issue is not handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReady {
    /// It is closed on GitHub.
    Closed,
    /// The mirror has it as open, but that is not confirmed.
    Withheld(WithheldReason),
    /// GitHub does not show its repository, or the repository is archived.
    RepoNotOffered,
    /// An agent has an active claim on it.
    Held,
}

impl NotReady {
    /// The code that a store keeps.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Withheld(_) => "withheld",
            Self::RepoNotOffered => "repo_not_offered",
            Self::Held => "held",
        }
    }
}

/// Everything that stands against handing out an issue, the most lasting reason first. Empty if it is ready.
pub fn readiness(issue: &MirroredIssue, repo: &Repo, held: bool) -> Vec<NotReady> {
    let mut reasons = issue.own_reasons();
    reasons.extend((!repo.offered).then_some(NotReady::RepoNotOffered));
    reasons.extend(held.then_some(NotReady::Held));
    reasons
}

impl MirroredIssue {
    /// The reasons that follow from the issue's row alone.
    pub fn own_reasons(&self) -> Vec<NotReady> {
        let closed = (self.facts.state == IssueState::Closed).then_some(NotReady::Closed);
        let withheld = self.withheld.map(|(reason, _)| NotReady::Withheld(reason));
        closed.into_iter().chain(withheld).collect()
    }
}

/// What keeps a free issue from being claimed by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimObstacle {
    /// Only GitHub can say whether it may be claimed.
    Unconfirmed,
    /// Another question to GitHub would not change it.
    Final(Unclaimable),
}

impl ClaimObstacle {
    /// The obstacle, if any. `fresh`: GitHub's last answer about the row is recent. `unreachable`: GitHub was asked and did not
    /// answer, so the mirror is believed.
    pub(crate) fn of(issue: &MirroredIssue, fresh: bool, unreachable: bool) -> Option<Self> {
        let Some(last) = issue.own_reasons().pop() else {
            return (!fresh && !unreachable).then_some(Self::Unconfirmed);
        };
        Some(match last {
            NotReady::Withheld(WithheldReason::Closing) => Self::Final(Unclaimable::Closing),
            NotReady::Withheld(WithheldReason::CloseFailed) if fresh || unreachable => {
                Self::Final(Unclaimable::CloseFailed)
            }
            NotReady::Closed if fresh => Self::Final(Unclaimable::Closed),
            NotReady::Withheld(_)
            | NotReady::Closed
            | NotReady::RepoNotOffered
            | NotReady::Held => Self::Unconfirmed,
        })
    }
}
