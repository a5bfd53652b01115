//! Every "no" that an agent can hear. A refusal is an answer: nothing went wrong, and nothing changed.

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::failure::Failure;
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueNumber};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// A repository whose issues could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRepo {
    /// Which.
    pub repo: RepoName,
    /// GitHub's answer where it refuses the list: 403, 404, 410 or 451.
    pub status: Option<u16>,
}

impl UnreadRepo {
    /// What an operator can do about it, in a sentence without its full stop. `None` where that GitHub will say later.
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
    /// When.
    pub at: Timestamp,
    /// Why, if anybody said.
    pub note: Option<String>,
    /// The issue it was on.
    pub repo: RepoName,
    /// The issue it was on.
    pub number: IssueNumber,
    /// Who holds that issue now.
    pub holder: Option<AgentId>,
}

/// Why an issue cannot be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unclaimable {
    /// GitHub has it closed.
    Closed,
    /// It is a pull request.
    PullRequest,
    /// Its agent called it closed, and closing it on GitHub waits to be done.
    Closing,
    /// Its agent called it closed, and GitHub refused to close it for good.
    CloseFailed,
}

/// A refusal, with all that its reader needs to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Another agent holds the issue.
    AlreadyClaimed {
        /// Its claim, which names it.
        claim: Box<Claim>,
    },
    /// The issue cannot be claimed by anybody.
    InvalidIssue {
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
        /// Why not.
        why: Unclaimable,
    },
    /// Nothing that fits the filter is open and unclaimed.
    NothingEligible,
    /// Nothing that fits the filter is open and unclaimed in the repositories that could be read.
    NothingAmongRead {
        /// Those that could not.
        missing: Vec<UnreadRepo>,
    },
    /// No active claim has that id.
    ClaimNotFound {
        /// The id.
        id: ClaimId,
        /// What became of it, while its history is kept.
        ended: Option<Box<Ended>>,
    },
    /// The claim is another agent's.
    AgentMismatch {
        /// The claim, which names its owner.
        claim: Box<Claim>,
    },
    /// The table does not have this move.
    InvalidTransition {
        /// The claim as it stands.
        claim: Box<Claim>,
        /// Where it was to go.
        to: ClaimStatus,
        /// Where it may go.
        allowed: Vec<ClaimStatus>,
    },
    /// `pr_submitted` needs the address of a pull request, now or earlier.
    PrUrlRequired {
        /// The claim as it stands.
        claim: Box<Claim>,
    },
    /// No open follow-up has that id.
    FollowupNotFound {
        /// The id.
        id: WorkItemId,
    },
    /// The follow-up, or another of its pull request, is with another agent.
    FollowupMismatch {
        /// That agent.
        owner: AgentId,
        /// The follow-up that was asked for.
        item: Box<Followup>,
    },
    /// The follow-up cannot go there, or not by this agent.
    FollowupTransition {
        /// The follow-up as it stands.
        item: Box<Followup>,
        /// Where it was to go.
        to: FollowupStatus,
        /// Where this agent may take it.
        allowed: Vec<FollowupStatus>,
    },
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// The caller may act as another agent alone.
    AgentNotAllowed {
        /// As which it may.
        own: AgentId,
    },
    /// The caller may look and change nothing.
    ReadOnlyKey,
}
