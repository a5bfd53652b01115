//! What needs a person.

use issuecommand_core::domain::repo_name::RepoName;
use serde::{Deserialize, Serialize};

/// One thing that does not go on without a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// What it is, as a word for programs: `claim_stale`.
    pub kind: String,
    /// What tells it from others while it lasts.
    pub key: String,
    /// The repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoName>,
    /// The issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<i64>,
    /// The agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The title of the issue or pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// One sentence.
    pub message: String,
    /// The command that comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The page on GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Concern {
    /// The issue, pull request, agent or other thing that it is about. Messages about one subject are sent rarely.
    pub(crate) fn subject(&self) -> String {
        match (&self.repo, self.number.or(self.pull), &self.agent) {
            (Some(repo), Some(number), _) => format!("{}#{number}", repo.key()),
            (_, _, Some(agent)) => format!("agent {agent}"),
            (Some(repo), None, None) => format!("{} {}", self.kind, repo.key()),
            (None, _, None) => self.kind.clone(),
        }
    }

    /// The kind in words.
    pub(crate) fn label(&self) -> String {
        let words = match self.kind.as_str() {
            "claim_stale" => "Agent silent",
            "issue_tried" => "Tried too often",
            "issue_parked" => "Parked",
            "feedback_unclaimed" => "Feedback unclaimed",
            "close_failed" => "Cannot be closed",
            "write_failed" => "Write to GitHub failed",
            "deliveries_dead" => "Deliveries failed",
            "policy_broken" => "Policy broken",
            "dependency_cycle" => "Circle of issues",
            "agent_looping" => "Agent in a loop",
            "sync_failing" => "Sync fails",
            "github_budget_gone" => "GitHub's budget is gone",
            "credentials_refused" => "GitHub refuses the token",
            "database_unwritable" => "Database cannot be written",
            "endpoint_disabled" => "Notifications fail",
            _ => return self.kind.replace('_', " "),
        };
        words.to_owned()
    }
}
