//! Writes to GitHub that wait to be done, so that none is lost with a process.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::id::{ClaimId, IssueNumber};
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};

/// Names one waiting write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutboxId(pub Uuid);

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Write {
    /// Close this issue.
    CloseIssue {
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
    },
}

/// One waiting write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Its name.
    pub id: OutboxId,
    /// What to write.
    pub write: Write,
    /// The claim that wants it.
    pub claim: ClaimId,
    /// How often it failed.
    pub attempts: u32,
    /// Not before this moment.
    pub due: Timestamp,
    /// The last failure, for health.
    pub error: Option<String>,
}

/// Why a write to GitHub failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteFailure {
    /// For logs and the operator; holds no secret.
    pub words: String,
    /// The HTTP status of GitHub's answer; `None` where there was none.
    pub status: Option<u16>,
    /// GitHub did not look at the write, because of a rate limit.
    pub limited: bool,
}

impl OutboxEntry {
    /// After so many failures a write is given up, whatever they were.
    pub const MAX_ATTEMPTS: u32 = 10;

    /// How long the call that made an entry has to carry it out itself before the background may.
    pub const HEAD_START: Millis = Millis::seconds(30);

    /// Whether this failure is the last one: GitHub refuses the write and would do so again, or it was tried often enough. A
    /// rate limit is no try.
    pub fn is_final(&self, failure: &WriteFailure) -> bool {
        let refused = matches!(failure.status, Some(301 | 403 | 404 | 410 | 422));
        let often = self.attempts.saturating_add(1) >= Self::MAX_ATTEMPTS;
        !failure.limited && (refused || often)
    }

    /// This entry after a rate limit: tried again a minute later, and not counted.
    #[must_use]
    pub fn limited(mut self, error: String, now: Timestamp) -> Self {
        self.due = now.plus(Millis::minutes(1));
        self.error = Some(error);
        self
    }

    /// This entry after one more failure: tried again after 30 s, doubled each time, an hour at most.
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
