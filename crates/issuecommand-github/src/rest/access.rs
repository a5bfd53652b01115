//! What GitHub lets an account do in a repository.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::repo_name::RepoName;
use reqwest::StatusCode;
use serde::Deserialize;

use super::Rest;

/// `maintain` stands as `write` here, and a role of an organization's own as the one that it is made from.
const MAY_WRITE: [&str; 3] = ["admin", "maintain", "write"];

#[derive(Debug, Deserialize)]
struct PermissionRow {
    permission: String,
}

impl Rest {
    /// Whether an account may write to a repository. Of a public one everybody may read, which means nothing.
    pub(super) async fn may_write(
        &self,
        repo: &RepoName,
        login: &str,
    ) -> Result<bool, GithubError> {
        // Logins end in `[bot]` where an App speaks; nothing else is in them that an address could not hold.
        let is_login = |byte: u8| byte.is_ascii_alphanumeric() || b"-_[]".contains(&byte);
        if login.is_empty() || login.len() > 100 || !login.bytes().all(is_login) {
            return Ok(false);
        }
        let path = format!("repos/{repo}/collaborators/{login}/permission");
        let answer = self
            .client
            .get_following(self.client.at(&path), None)
            .await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(false);
        }
        let row = self.client.parse::<PermissionRow>(&answer)?;
        Ok(MAY_WRITE.contains(&row.permission.as_str()))
    }
}
