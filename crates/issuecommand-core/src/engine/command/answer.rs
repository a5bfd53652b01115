//! What a command comes to, and what must be known before it can be decided.

use serde::{Deserialize, Serialize};

use crate::domain::access_key::KeyOutcome;
use crate::domain::claim::Claim;
use crate::domain::event::SyncStats;
use crate::domain::followup::Followup;
use crate::domain::id::{IssueKey, IssueNumber};
use crate::domain::issue::MirroredIssue;
use crate::domain::lease::LeaseOutcome;
use crate::domain::outbox::OutboxEntry;
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{Refetch, WebhookAnswer};

/// What the store does not know well enough to decide. Ask GitHub, and repeat the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The repository.
    Repo(RepoName),
    /// The issue: not in the mirror, or not vouched for lately.
    Issue {
        /// Which one.
        key: IssueKey,
        /// Its repository's present name.
        repo: RepoName,
        /// The validator of the mirror's row.
        etag: Option<String>,
    },
    /// The open issues of these offered repositories, never synced; empty when no repository is known at all.
    Sync(Vec<RepoName>),
    /// Whether this commit at the head of a pull request does nothing but merge the base branch: if so, it answers nothing.
    Head(Box<HeadQuestion>),
    /// The lease of the command: it is another's.
    Lease(String),
}

impl Missing {
    /// What GitHub says now of an issue that the mirror has.
    pub(crate) fn of(issue: &MirroredIssue) -> Self {
        Self::Issue {
            key: issue.key(),
            repo: issue.repo_name.clone(),
            etag: issue.etag.clone(),
        }
    }
}

/// See [`Missing::Head`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadQuestion {
    /// The repository.
    pub repo: RepoName,
    /// The pull request.
    pub number: IssueNumber,
    /// The commit.
    pub sha: String,
    /// The branch that the pull request goes to.
    pub base: Option<String>,
    /// The commit at the tip of that branch, as the pull request last showed it.
    pub base_sha: Option<String>,
}

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// A claim, as it stands now.
    Claim {
        /// The claim.
        claim: Box<Claim>,
        /// Its issue, where one was asked for.
        issue: Option<Box<MirroredIssue>>,
        /// Nothing moved but perhaps `last_updated`.
        idempotent: bool,
        /// The write to GitHub that waits because of it.
        outbox: Option<OutboxEntry>,
    },
    /// A follow-up, as it stands now.
    Followup {
        /// The follow-up.
        item: Box<Followup>,
        /// Nothing moved but perhaps `last_updated`.
        idempotent: bool,
    },
    /// What GitHub hears, and what it should be asked then.
    Delivery {
        /// What GitHub hears.
        answer: WebhookAnswer,
        /// What it should be asked.
        look: Option<Refetch>,
    },
    /// What a look at GitHub or at time changed.
    Tally {
        /// The counts.
        tally: SyncStats,
        /// Issues that were open in the mirror and are closed now.
        closed: u64,
        /// There is more to do: call again.
        more: bool,
    },
    /// Priorities were computed anew, up to this row; `None` when all were.
    Reranked(Option<IssueKey>),
    /// Who has the lease.
    Lease(LeaseOutcome),
    /// What became of a key.
    Key(Box<KeyOutcome>),
    /// Taken note; nothing to say.
    Noted,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes.
    Done(Answer),
    /// No.
    Refused(Refusal),
    /// Not without asking GitHub.
    Missing(Missing),
}
