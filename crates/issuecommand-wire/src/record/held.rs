//! Feedback that is kept from agents, on the wire.

use issuecommand_core::domain::followup::HeldFeedback;
use issuecommand_core::domain::repo_name::RepoName;
use schemars::JsonSchema;
use serde::Serialize;

/// A review or comment of somebody without write access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldFeedbackRecord {
    /// `owner/name`.
    pub repo: String,
    /// The pull request.
    pub pr_number: i64,
    /// review:ID, review_comment:ID or issue_comment:ID.
    pub source_event_id: String,
    /// The login of who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Markdown: text of a stranger.
    pub body: String,
    /// Its web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was held back.
    pub held_at: String,
}

impl From<&(RepoName, HeldFeedback)> for HeldFeedbackRecord {
    fn from((repo, held): &(RepoName, HeldFeedback)) -> Self {
        let source = &held.source;
        Self {
            repo: repo.to_string(),
            pr_number: held.pull.1.get(),
            source_event_id: source.id.to_string(),
            author: source.requested_by.clone(),
            body: source.body.clone(),
            url: source.url.clone(),
            held_at: held.at.to_string(),
        }
    }
}
