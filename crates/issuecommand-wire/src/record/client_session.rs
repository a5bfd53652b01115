//! What the hooks of a client are told of its session.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::service::ClientAgent;
use schemars::JsonSchema;
use serde::Serialize;

use super::{ClaimStatusName, NoticeRecord};

/// An agent that acts in a client's session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientAgentRecord {
    /// Its name.
    pub agent_id: String,
    /// Whether its calls come in the session, so that they need not name it.
    pub in_session: bool,
    /// What it holds, without what its other live sessions hold, the oldest first.
    pub claims: Vec<ClientClaimRecord>,
    /// Feedback on its pull requests that waits for it; next_work gives it.
    pub feedback: Vec<ClientFeedbackRecord>,
    /// What became of its work by another's hand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeRecord>,
}

impl From<&ClientAgent> for ClientAgentRecord {
    fn from(acting: &ClientAgent) -> Self {
        Self {
            agent_id: acting.agent.to_string(),
            in_session: acting.in_session,
            claims: acting.claims.iter().map(Into::into).collect(),
            feedback: acting.feedback.iter().map(Into::into).collect(),
            notices: acting.notices.iter().map(Into::into).collect(),
        }
    }
}

/// A claim in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientClaimRecord {
    /// Names it in other calls.
    pub claim_id: String,
    /// `owner/name`.
    pub repo: String,
    /// The issue.
    pub issue_number: i64,
    /// Where it stands.
    pub status: ClaimStatusName,
    /// Whether a pull request is known.
    pub has_pull_request: bool,
    /// The last note of its history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl From<&Claim> for ClientClaimRecord {
    fn from(claim: &Claim) -> Self {
        let mut notes = claim.history.iter().rev();
        Self {
            claim_id: claim.id.to_string(),
            repo: claim.repo_name.to_string(),
            issue_number: claim.number.get(),
            status: ClaimStatusName(claim.status),
            has_pull_request: claim.pr_url.is_some(),
            note: notes.find_map(|entry| entry.note.clone()),
        }
    }
}

/// Feedback in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClientFeedbackRecord {
    /// Names the follow-up in other calls.
    pub work_item_id: String,
    /// `owner/name`.
    pub repo: String,
    /// The pull request.
    pub pr_number: i64,
    /// How many reviews and comments wait for an answer.
    pub waiting: usize,
    /// The latest of them: review:ID, review_comment:ID or issue_comment:ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_source_event_id: Option<String>,
}

impl From<&Followup> for ClientFeedbackRecord {
    fn from(item: &Followup) -> Self {
        let mut waits = item.sources.iter().filter(|source| source.waits());
        Self {
            work_item_id: item.id.to_string(),
            repo: item.repo_name.to_string(),
            pr_number: item.number.get(),
            waiting: waits.clone().count(),
            last_source_event_id: waits.next_back().map(|source| source.id.to_string()),
        }
    }
}
