//! Pending writes to GitHub, stored so that none is lost when a process ends.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::{ClaimId, IssueNumber};
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

impl Write {
    /// The issue that is written to.
    pub fn issue(&self) -> (&RepoName, IssueNumber) {
        match self {
            Self::CloseIssue { repo, number } => (repo, *number),
        }
    }
}

/// A pending write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The entry's id.
    pub id: OutboxId,
    /// The write to send.
    pub write: Write,
    /// The claim that caused it.
    pub claim: ClaimId,
    /// How often it failed.
    pub attempts: u32,
    /// When it may be sent next.
    pub due: Timestamp,
    /// The last failure, for health.
    pub error: Option<String>,
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

    /// Whether a write is given up after this failure: GitHub refuses it for good, or it failed too often. A rate limit never
    /// counts.
    pub fn is_final(&self, failure: &WriteFailure) -> bool {
        let refused = matches!(failure.status, Some(301 | 403 | 404 | 410 | 422));
        let often = self.attempts.saturating_add(1) >= Self::MAX_ATTEMPTS;
        !failure.limited && (refused || often)
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
