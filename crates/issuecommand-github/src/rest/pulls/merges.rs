//! Looks up whether a pushed commit only merges the base branch.

use std::time::Duration;

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::engine::command::HeadQuestion;
use reqwest::StatusCode;

use crate::api_types::commits::CommitRow;
use crate::rest::Rest;

/// The timeout for the lookup of a pushed commit.
const LOOK_UP: Duration = Duration::from_secs(2);

impl Rest {
    /// See [`issuecommand_core::ports::github::GitHub::merges_base`].
    pub(in crate::rest) async fn merge_of_base(
        &self,
        question: &HeadQuestion,
    ) -> Result<Option<String>, GithubError> {
        let sha = &question.sha;
        if !sha.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        // The answer includes the commit's files; one per page is the minimum.
        let commit = (self
            .client
            .of_repo(&question.repo, &format!("commits/{sha}")))
        .with_query(&[("per_page", "1")]);
        let asked = self.client.get_following(commit, None);
        let Ok(answer) = tokio::time::timeout(LOOK_UP, asked).await else {
            return Err(GithubError {
                kind: GithubErrorKind::Unreachable,
                retry_after: None,
                status: None,
                detail: "no answer within two seconds".to_owned(),
            });
        };
        let answer = answer?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        Ok(self
            .client
            .parse::<CommitRow>(&answer)?
            .merges_base(question))
    }
}
