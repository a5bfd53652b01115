//! Closes issues.

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{Issue, IssueLookup, IssueState, WithheldReason};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::github::GitHub;
use serde_json::json;

use super::Rest;
use crate::api_types::IssueRow;

impl Rest {
    /// Closes an issue as completed. Idempotent.
    pub(super) async fn close(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Issue, GithubError> {
        if let Some(issue) = self.close_here(repo, number).await? {
            return Ok(issue);
        }
        // The repository was renamed since the write was stored, or the issue was transferred. Only a rename is followed.
        let present = self.repo(repo).await?.name;
        if present != *repo
            && let Some(issue) = self.close_here(&present, number).await?
        {
            return Ok(issue);
        }
        let words = "the issue was transferred to another repository";
        let request = format!("PATCH {}", self.issue_at(repo, number).url.path());
        Err(GithubError {
            kind: GithubErrorKind::NotFound,
            status: Some(301),
            ..self.client.unexpected(&request, words)
        })
    }

    /// Closes an issue under this repository name. `None` if it is not there any more.
    async fn close_here(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<Issue>, GithubError> {
        let place = self.issue_at(repo, number);
        let refuse = |kind, status, words: &str| {
            Err(GithubError {
                kind,
                status,
                ..self
                    .client
                    .unexpected(&format!("PATCH {}", place.url.path()), words)
            })
        };
        // Read first: a PATCH would overwrite the reason of a closed issue with "completed", and would close a pull request.
        match self.look_up(repo, number, None).await? {
            IssueLookup::Issue { issue, .. } if issue.state == IssueState::Closed => {
                return Ok(Some(*issue));
            }
            IssueLookup::Issue { .. } => {}
            IssueLookup::Withheld(WithheldReason::Moved) | IssueLookup::Transferred { .. } => {
                return Ok(None);
            }
            IssueLookup::Withheld(reason) => {
                return refuse(
                    GithubErrorKind::NotFound,
                    Some(if reason == WithheldReason::Gone {
                        410
                    } else {
                        404
                    }),
                    "not sent, for GitHub shows no such issue",
                );
            }
            IssueLookup::PullRequest | IssueLookup::Unchanged => {
                return refuse(
                    GithubErrorKind::Unexpected,
                    None,
                    "not sent, for this is no issue",
                );
            }
        }
        let answer = self
            .client
            .patch(
                place.clone(),
                &json!({"state": "closed", "state_reason": "completed"}),
            )
            .await?;
        if answer.moved() {
            return Ok(None);
        }
        match self.client.parse::<IssueRow>(&answer)?.issue() {
            Some(issue) if issue.state == IssueState::Closed && issue.number == number => {
                Ok(Some(issue))
            }
            _ => refuse(
                GithubErrorKind::Unexpected,
                None,
                "answered with something else than the closed issue",
            ),
        }
    }
}
