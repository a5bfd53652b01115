//! Pending writes to GitHub, stored so that none is lost when a process ends.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::{ClaimId, IssueKey, IssueNumber, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};

/// The id of a pending write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxId(pub Uuid);

/// A write to GitHub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Closes an issue.
    CloseIssue {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
    },
}

/// The kind of a write. Two writes of different kinds never replace each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteKind {
    /// [`Write::CloseIssue`].
    CloseIssue,
}

impl WriteKind {
    /// The word that stores keep.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloseIssue => "close_issue",
        }
    }
}

impl Write {
    /// The kind of this write.
    pub fn kind(&self) -> WriteKind {
        match self {
            Self::CloseIssue { .. } => WriteKind::CloseIssue,
        }
    }

    /// The issue that is written to.
    pub fn issue(&self) -> (&RepoName, IssueNumber) {
        match self {
            Self::CloseIssue { repo, number } => (repo, *number),
        }
    }

    /// The same write under another name of its repository.
    #[must_use]
    pub fn in_repo(self, repo: RepoName) -> Self {
        match self {
            Self::CloseIssue { number, .. } => Self::CloseIssue { repo, number },
        }
    }
}

/// A write that is pending, or that failed for good and is kept for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The entry's id.
    pub id: OutboxId,
    /// The write to send. Its repository has the name of the time when the entry was made; stores give due entries the present
    /// name.
    pub write: Write,
    /// The repository that is written to, whatever its name is. `None` if an earlier version made the entry and the name was not
    /// known any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoId>,
    /// The claim that caused it, if one did.
    #[serde(default)]
    pub claim: Option<ClaimId>,
    /// A newer write of the same kind and key replaces this one while it waits. `None` if none may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coalesce_key: Option<String>,
    /// How often it failed.
    pub attempts: u32,
    /// When it may be sent next.
    pub due: Timestamp,
    /// The last failure, for health.
    pub error: Option<String>,
    /// When it failed for good. It is not sent any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
}

/// Why a write to GitHub failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteFailure {
    /// A message for logs and the operator, without secrets.
    pub words: String,
    /// The HTTP status of GitHub's response; `None` if there was none.
    pub status: Option<u16>,
    /// Whether a rate limit stopped the write before GitHub processed it.
    pub limited: bool,
}

impl OutboxEntry {
    /// After this many failures of any kind a write is given up.
    pub const MAX_ATTEMPTS: u32 = 10;

    /// How long the call that made an entry may send it before the background task does.
    pub const HEAD_START: Millis = Millis::seconds(30);

    /// The coalescing key of writes that concern a whole issue.
    pub fn issue_key((repo, number): IssueKey) -> String {
        format!("{}#{number}", repo.0)
    }

    /// Whether it is still to be sent.
    pub fn waits(&self) -> bool {
        self.failed_at.is_none()
    }

    /// Whether this newer entry takes its place. The newer one has an id of its own, so that the outcome of the older one, which
    /// may be on its way to GitHub, does not settle it.
    pub fn is_replaced_by(&self, newer: &Self) -> bool {
        self.id != newer.id
            && self.waits()
            && newer.waits()
            && self.coalesce_key.is_some()
            && self.coalesce_key == newer.coalesce_key
            && self.write.kind() == newer.write.kind()
    }

    /// Whether a write is given up after this failure: GitHub refuses it for good, or it failed too often. A rate limit never
    /// counts.
    pub fn is_final(&self, failure: &WriteFailure) -> bool {
        let refused = matches!(failure.status, Some(301 | 403 | 404 | 410 | 422));
        let often = self.attempts.saturating_add(1) >= Self::MAX_ATTEMPTS;
        !failure.limited && (refused || often)
    }

    /// Ends it after its last failure.
    #[must_use]
    pub fn given_up(mut self, error: String, now: Timestamp) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.error = Some(error);
        self.failed_at = Some(now);
        self
    }

    /// Reschedules after a rate limit: in one minute, without counting an attempt.
    #[must_use]
    pub fn limited(mut self, error: String, now: Timestamp) -> Self {
        self.due = now.plus(Millis::minutes(1));
        self.error = Some(error);
        self
    }

    /// Reschedules after a failure: in 30 s, doubled each time, up to an hour.
    #[must_use]
    pub fn failed(mut self, error: String, now: Timestamp) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        let wait = 30_i64
            .saturating_mul(1 << self.attempts.saturating_sub(1).min(7))
            .min(3600);
        self.due = now.plus(Millis::seconds(wait));
        self.error = Some(error);
        self
    }
}
