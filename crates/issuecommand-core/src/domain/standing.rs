//! How an open issue stands: its place in the queue, and the reasons of its own for which it is not handed out.

use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::lane::Lane;
use crate::domain::priority::Priority;
use crate::domain::readiness::ReasonSet;
use crate::domain::time::Timestamp;

/// The standing of one open issue of the mirror. It is apart from the issue's row, so that a change of readiness does not write the
/// issue's text again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The issue's repository.
    pub repo: RepoId,
    /// The issue's number.
    pub number: IssueNumber,
    /// The priority by which it is served.
    pub rank: Priority,
    /// When it was opened, by GitHub's clock. The older of two issues of one priority is served first.
    pub created_at: Timestamp,
    /// The agents that it is for.
    pub lane: Lane,
    /// The reasons of its own for which it is not handed out.
    pub reasons: ReasonSet,
}

impl Standing {
    /// The key of its issue.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
    }
}
