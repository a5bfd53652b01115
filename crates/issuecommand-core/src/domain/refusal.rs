//! Refusals. A refusal is an answer to an agent, not an error, and changes nothing.

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::failure::Failure;
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::halt::Halt;
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::readiness::NotReady;
use crate::domain::repo_name::RepoName;
use crate::domain::session::OtherSession;
use crate::domain::time::Timestamp;

/// A repository whose issues could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRepo {
    /// The repository's name.
    pub repo: RepoName,
    /// GitHub's status if it refuses the list: 403, 404, 410 or 451.
    pub status: Option<u16>,
}

impl UnreadRepo {
    /// The remedy for an operator, without a full stop. `None` if GitHub did not refuse.
    pub fn words(&self) -> Option<String> {
        let repo = self.repo.clone();
        let failure = self
            .status
            .map(|status| Failure::IssuesUnreadable { repo, status });
        failure.map(|failure| failure.to_string())
    }
}

/// How a claim ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// `closed` or `released`.
    pub status: ClaimStatus,
    /// When it ended.
    pub at: Timestamp,
    /// The note of its end, if any.
    pub note: Option<String>,
    /// The repository of its issue.
    pub repo: RepoName,
    /// The number of its issue.
    pub number: IssueNumber,
    /// The agent that holds that issue now.
    pub holder: Option<AgentId>,
}

/// Why an issue cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unclaimable {
    /// GitHub has closed it.
    Closed,
    /// It is a pull request.
    PullRequest,
    /// Its agent reported it closed, and the write that closes it on GitHub is in the outbox.
    Closing,
    /// Its agent reported it closed, and GitHub refused to close it.
    CloseFailed,
}

/// A refusal, with the data for its message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Another agent holds the issue, or another live session of the same agent.
    AlreadyClaimed {
        /// That agent's claim.
        claim: Box<Claim>,
        /// The other session of the same agent.
        session: Option<Box<OtherSession>>,
        /// From when on `take_over` may take it, for a stale claim of another agent.
        may_take_over_at: Option<Timestamp>,
    },
    /// No agent can claim the issue.
    InvalidIssue {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// Why it cannot be claimed.
        why: Unclaimable,
    },
    /// The issue cannot be claimed for reasons that also keep it from being handed out.
    NotReady {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// The hard reasons.
        reasons: Vec<NotReady>,
    },
    /// No open, unclaimed issue matches the filter.
    NothingEligible,
    /// No open, unclaimed issue matches the filter in the repositories that could be read.
    NothingAmongRead {
        /// The repositories that could not be read.
        missing: Vec<UnreadRepo>,
    },
    /// A person halted the work that was asked for, or the agent is in a loop.
    Paused {
        /// The halt.
        halt: Box<Halt>,
        /// The halted repository, if it is one.
        repo: Option<RepoName>,
    },
    /// The agent has as many active claims as it may have.
    AtCapacity {
        /// How many it has.
        held: u32,
        /// How many it may have.
        limit: u32,
    },
    /// No active claim has that id.
    ClaimNotFound {
        /// The id in the call.
        id: ClaimId,
        /// How the claim with that id ended, while its history is kept.
        ended: Option<Box<Ended>>,
    },
    /// Another agent holds the claim, or another live session of the same agent.
    AgentMismatch {
        /// That agent's claim.
        claim: Box<Claim>,
        /// The other session of the same agent.
        session: Option<Box<OtherSession>>,
    },
    /// The transition table does not have this move.
    InvalidTransition {
        /// The claim, unchanged.
        claim: Box<Claim>,
        /// The requested status.
        to: ClaimStatus,
        /// The permitted statuses.
        allowed: Vec<ClaimStatus>,
    },
    /// `pr_submitted` needs a pull request's address, now or earlier.
    PrUrlRequired {
        /// The claim, unchanged.
        claim: Box<Claim>,
    },
    /// No open follow-up has that id.
    FollowupNotFound {
        /// The id in the call.
        id: WorkItemId,
    },
    /// Another agent holds the follow-up, or another one of the same pull request.
    FollowupMismatch {
        /// The agent that holds it.
        owner: AgentId,
        /// The requested follow-up.
        item: Box<Followup>,
        /// The live session of the same agent that holds it.
        session: Option<Box<OtherSession>>,
    },
    /// The table does not have this move, or not for this agent.
    FollowupTransition {
        /// The follow-up, unchanged.
        item: Box<Followup>,
        /// The requested status.
        to: FollowupStatus,
        /// The statuses that this agent may move it to.
        allowed: Vec<FollowupStatus>,
    },
    /// The idempotency key was used for a different request.
    IdempotencyMismatch,
    /// The caller may act only as a certain agent.
    AgentNotAllowed {
        /// The agent that it may act as.
        own: AgentId,
    },
    /// The caller's key is read-only.
    ReadOnlyKey,
    /// The caller's key was revoked or has expired since the call began.
    KeyEnded,
    /// The session that the call names is another key's.
    SessionNotAllowed,
    /// The caller has left, so nothing was taken for it.
    CallerLeft,
}

impl Refusal {
    /// The other live session of the caller's own name that stands in the way.
    pub fn other_session(&self) -> Option<&OtherSession> {
        match self {
            Self::AlreadyClaimed { session, .. }
            | Self::AgentMismatch { session, .. }
            | Self::FollowupMismatch { session, .. } => session.as_deref(),
            Self::InvalidIssue { .. }
            | Self::NotReady { .. }
            | Self::NothingEligible
            | Self::NothingAmongRead { .. }
            | Self::Paused { .. }
            | Self::AtCapacity { .. }
            | Self::ClaimNotFound { .. }
            | Self::InvalidTransition { .. }
            | Self::PrUrlRequired { .. }
            | Self::FollowupNotFound { .. }
            | Self::FollowupTransition { .. }
            | Self::IdempotencyMismatch
            | Self::AgentNotAllowed { .. }
            | Self::ReadOnlyKey
            | Self::KeyEnded
            | Self::SessionNotAllowed
            | Self::CallerLeft => None,
        }
    }
}
