//! The JSON of the earlier service's records.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::{FollowupStatus, SourceKind};
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct ClaimRecord {
    pub(super) claim_id: Uuid,
    #[serde(deserialize_with = "agent")]
    pub(super) agent_id: AgentId,
    pub(super) repo: RepoName,
    #[serde(deserialize_with = "number")]
    pub(super) issue_number: IssueNumber,
    #[serde(default)]
    pub(super) issue_title: Option<String>,
    #[serde(default)]
    pub(super) issue_labels: Option<Vec<String>>,
    #[serde(default)]
    pub(super) issue_assignees: Option<Vec<String>>,
    pub(super) status: ClaimStatus,
    #[serde(deserialize_with = "moment")]
    pub(super) claimed_at: Timestamp,
    #[serde(deserialize_with = "moment")]
    pub(super) last_updated: Timestamp,
    #[serde(default)]
    pub(super) status_history: Vec<Entry<ClaimStatus>>,
    #[serde(default)]
    pub(super) pr_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct FollowupRecord {
    pub(super) work_item_id: Uuid,
    pub(super) repo: RepoName,
    #[serde(deserialize_with = "number")]
    pub(super) pr_number: IssueNumber,
    #[serde(default)]
    pub(super) pr_url: Option<String>,
    #[serde(default)]
    pub(super) pr_title: Option<String>,
    pub(super) source_event_type: SourceKind,
    pub(super) source_event_id: String,
    #[serde(default)]
    pub(super) source_delivery_id: Option<String>,
    #[serde(default)]
    pub(super) requested_by: Option<String>,
    #[serde(default)]
    pub(super) summary: Option<String>,
    #[serde(default)]
    pub(super) actionable_comments: Option<Vec<String>>,
    pub(super) status: FollowupStatus,
    #[serde(deserialize_with = "moment")]
    pub(super) created_at: Timestamp,
    #[serde(deserialize_with = "moment")]
    pub(super) last_updated: Timestamp,
    #[serde(default)]
    pub(super) status_history: Vec<Entry<FollowupStatus>>,
    #[serde(default, deserialize_with = "agent_if")]
    pub(super) claimed_by_agent_id: Option<AgentId>,
    #[serde(default, deserialize_with = "moment_if")]
    pub(super) claimed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment_if")]
    pub(super) done_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) dismiss_reason: Option<String>,
}

/// An entry of a history.
#[derive(Clone, Deserialize)]
pub(super) struct Entry<S> {
    pub(super) status: S,
    #[serde(deserialize_with = "moment")]
    pub(super) timestamp: Timestamp,
    #[serde(default)]
    pub(super) note: Option<String>,
}

impl FollowupRecord {
    /// The comments, and the summary where it differs from them.
    pub(super) fn body(&self) -> String {
        let said = self
            .actionable_comments
            .as_deref()
            .unwrap_or_default()
            .join("\n\n");
        let summary = self.summary.as_deref().unwrap_or_default();
        let start = summary.trim_end_matches(['…', '.']).trim();
        match (said.is_empty(), said.contains(start)) {
            (true, _) => summary.to_owned(),
            (false, true) => said,
            (false, false) => format!("{summary}\n\n{said}"),
        }
    }
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    read_moment(&String::deserialize(from)?)
}

fn moment_if<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.as_deref().map(read_moment).transpose()
}

fn read_moment<E: Error>(text: &str) -> Result<Timestamp, E> {
    Timestamp::parse(text).ok_or_else(|| E::custom(format!("{text:?} is no time")))
}

fn agent<'de, D: Deserializer<'de>>(from: D) -> Result<AgentId, D::Error> {
    AgentId::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn agent_if<'de, D: Deserializer<'de>>(from: D) -> Result<Option<AgentId>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.as_deref()
        .map(|text| AgentId::parse(text).map_err(D::Error::custom))
        .transpose()
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<IssueNumber, D::Error> {
    let number = i64::deserialize(from)?;
    IssueNumber::new(number).ok_or_else(|| D::Error::custom(format!("{number} is no number")))
}
