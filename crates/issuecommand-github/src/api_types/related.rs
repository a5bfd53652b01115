//! An issue to which a dependency or a sub-issue leads, in a list or in a delivery.

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{IssuePlace, RelatedIssue};
use issuecommand_core::domain::repo_name::RepoName;
use serde::Deserialize;

use super::issue_facts::{issue_at, lenient, repo_at};

/// The fields of an issue that say which it is and whether it is open.
#[derive(Debug, Deserialize)]
pub(crate) struct RelatedRow {
    #[serde(deserialize_with = "super::number")]
    number: IssueNumber,
    #[serde(default, deserialize_with = "lenient")]
    state: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    repository_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    html_url: Option<String>,
}

impl RelatedRow {
    /// The issue, in this repository or in the one that the row names; `None` if neither is known.
    pub(crate) fn related(self, repo: Option<RepoName>) -> Option<RelatedIssue> {
        let named = || self.repository_url.as_deref().and_then(repo_at);
        let shown = || Some(self.html_url.as_deref().and_then(issue_at)?.repo);
        Some(RelatedIssue {
            place: IssuePlace {
                repo: repo.or_else(named).or_else(shown)?,
                number: self.number,
            },
            open: match self.state.as_deref() {
                Some("open") => Some(true),
                Some("closed") => Some(false),
                _ => None,
            },
        })
    }
}
