//! Reads one file of the default branch.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::github::{Fetched, TaggedText};
use reqwest::StatusCode;

use super::Rest;

/// The longest file that is read, in bytes.
const FILE_MAX: usize = 64 << 10;

impl Rest {
    /// See [`issuecommand_core::ports::github::GitHub::file`]. Without a branch in the request GitHub takes the default one.
    pub(super) async fn text_of_file(
        &self,
        repo: &RepoName,
        path: &str,
        etag: Option<&str>,
    ) -> Result<Fetched<Option<TaggedText>>, GithubError> {
        let file = self.client.of_repo(repo, &format!("contents/{path}"));
        let answer = self.client.get_following(file.raw(), etag).await?;
        if answer.unchanged {
            return Ok(Fetched::Unchanged);
        }
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(Fetched::New(None));
        }
        if answer.body.len() > FILE_MAX {
            let words = "answered with a file of more than 64 KB";
            return Err(self.client.unexpected(&answer.request, words));
        }
        let Ok(text) = String::from_utf8(answer.body) else {
            let words = "answered with a file that is not UTF-8";
            return Err(self.client.unexpected(&answer.request, words));
        };
        Ok(Fetched::New(Some(TaggedText {
            text,
            etag: answer.validator,
        })))
    }
}
