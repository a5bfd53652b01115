//! The issues that a pull request closes when it is merged.

use issuecommand_core::domain::claim::pull_ref::host_of;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;

use super::{Before, PullRow};
use crate::closing::closing;

impl PullRow {
    /// GitHub closes issues only on merges into the default branch, and reads only the description.
    pub(super) fn closes(
        &self,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Vec<(RepoName, IssueNumber)> {
        let into = self.base.as_ref().and_then(|base| base.branch.as_deref());
        self.would_close(self.text(), into, home, default_branch)
    }

    /// The issues that it closes now and did not close with its text and base before an edit.
    pub(crate) fn added(
        &self,
        was: &Before,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Vec<(RepoName, IssueNumber)> {
        let into = self.base.as_ref().and_then(|base| base.branch.as_deref());
        let body = was.body().unwrap_or(self.text());
        let before = self.would_close(body, was.base().or(into), home, default_branch);
        let mut added = self.closes(home, default_branch);
        added.retain(|issue| was.is_edit() && !before.contains(issue));
        added
    }

    fn text(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    fn would_close(
        &self,
        body: &str,
        into: Option<&str>,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Vec<(RepoName, IssueNumber)> {
        let base = self.base.as_ref();
        let own = base
            .and_then(|base| base.repo.as_ref())
            .and_then(|repo| repo.default_branch.as_deref());
        let default = own.or(default_branch);
        if into.is_some() && default.is_some() && into != default {
            return Vec::new();
        }
        // The page is on GitHub's web host, whatever the API's base is.
        let host = self.html_url.as_deref().and_then(host_of);
        closing(body, home, host.as_deref().unwrap_or("github.com"))
    }
}
