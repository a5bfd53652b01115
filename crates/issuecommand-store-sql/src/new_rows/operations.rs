//! Rows of what the sync could not read.

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::domain::time::Timestamp;
use serde::Serialize;

/// A repository or an issue that the sync could not read.
#[derive(Debug, Serialize)]
pub struct NewSyncFailureRow<'a> {
    subject: String,
    repo: Option<&'a RepoName>,
    number: Option<IssueNumber>,
    since: Timestamp,
    reason: &'a str,
}

impl<'a> NewSyncFailureRow<'a> {
    pub(super) fn of(failure: &'a SyncFailure) -> Self {
        let SyncFailure { fault, since } = failure;
        Self {
            subject: fault.to_string(),
            repo: fault.repo.as_ref(),
            number: fault.number,
            since: *since,
            reason: &fault.reason,
        }
    }
}
