//! Reads the lists of blockers and sub-issues of one issue.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::RelatedIssue;
use issuecommand_core::domain::repo_name::RepoName;
use reqwest::StatusCode;

use super::{PER_PAGE, Rest};
use crate::api_types::RelatedRow;

impl Rest {
    /// The issues in a list below an issue. 404, 410 and 301 are no answer: the server lacks the list, or the issue is not
    /// there. Rows that cannot be read are left out, as those are that the credential cannot see.
    pub(super) async fn related(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        list: &str,
    ) -> Result<Option<Vec<RelatedIssue>>, GithubError> {
        let list = self
            .client
            .of_repo(repo, &format!("issues/{number}/{list}"));
        let first = self
            .client
            .get(list.with_query(&[("per_page", PER_PAGE)]), None)
            .await?;
        let absent = matches!(first.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        if absent || first.moved() {
            return Ok(None);
        }
        let (rows, _) = self.all_from::<RelatedRow>(first).await?;
        let related = rows.into_iter().filter_map(|row| row.related(None));
        Ok(Some(related.collect()))
    }
}
