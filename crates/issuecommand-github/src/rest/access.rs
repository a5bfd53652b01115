//! The write permission of an account in a repository.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::repo_name::RepoName;
use reqwest::StatusCode;
use serde::Deserialize;

use super::Rest;

/// GitHub reports `maintain` as `write` here, and an organization's custom role as its base role.
const MAY_WRITE: [&str; 3] = ["admin", "maintain", "write"];

#[derive(Debug, Deserialize)]
struct PermissionRow {
    permission: String,
}

impl Rest {
    /// Whether an account may write to a repository. Read access proves nothing, because in public repositories all have it.
    pub(super) async fn may_write(
        &self,
        repo: &RepoName,
        login: &str,
    ) -> Result<bool, GithubError> {
        // An App's login ends in `[bot]`. All other characters of a login are valid in a URL.
        let is_login = |byte: u8| byte.is_ascii_alphanumeric() || b"-_[]".contains(&byte);
        if login.is_empty() || login.len() > 100 || !login.bytes().all(is_login) {
            return Ok(false);
        }
        let path = format!("collaborators/{login}/permission");
        let permission = self.client.of_repo(repo, &path);
        let answer = self.client.get_following(permission, None).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(false);
        }
        let row = self.client.parse::<PermissionRow>(&answer)?;
        Ok(MAY_WRITE.contains(&row.permission.as_str()))
    }
}
