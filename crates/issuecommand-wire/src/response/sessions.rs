//! The responses about signs of life, agents, and what they hold.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::service::{
    AgentList, AgentState, Beat, CallerNews, MovedFollowup, Updated, Work,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{FollowupResponse, Response, UpdateResponse};
use crate::record::{
    AgentRecord, ClaimRecord, ClaimStatusName, FollowupRecord, FollowupStatusName, HaltRecord,
    HeldRecord, NoticeRecord,
};

/// What a sign of life was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeartbeatResponse {
    /// `true`.
    pub ok: bool,
    /// Whose it was.
    pub agent_id: String,
    /// The claims that it was for, each with when it goes stale without another one.
    pub claims: Vec<HeldRecord>,
    /// Feedback on their pull requests that waits for the agent; next_work gives it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<HeldRecord>,
    /// What of your work is halted: next_work gives less, or nothing, until a person lets it go on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub halted: Vec<HaltRecord>,
    /// What else there is to tell. [`WithWarnings`](super::WithWarnings) writes it.
    #[serde(skip)]
    #[schemars(skip)]
    told: CallerNews,
}

impl HeartbeatResponse {
    /// The response to this agent.
    pub(crate) fn of(agent: &AgentId, beat: Beat) -> Self {
        Self {
            ok: true,
            agent_id: agent.to_string(),
            claims: beat.claims.iter().map(Into::into).collect(),
            feedback: beat.feedback.iter().map(Into::into).collect(),
            halted: beat.halts.iter().map(Into::into).collect(),
            told: beat.told,
        }
    }
}

impl Response for HeartbeatResponse {
    fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told.warnings)
    }

    fn take_notices(&mut self) -> Vec<NoticeRecord> {
        let told = std::mem::take(&mut self.told.notices);
        told.iter().map(Into::into).collect()
    }
}

impl UpdateResponse {
    /// The answer to a sign of life, of what may have changed.
    pub(crate) fn lean(updated: Updated, feedback: &[Followup]) -> Self {
        let claim = &updated.claim;
        Self {
            claim_id: Some(claim.id.to_string()),
            status: Some(ClaimStatusName(claim.status)),
            stale_at: claim.stale_at.map(|at| at.to_string()),
            feedback: feedback.iter().map(Into::into).collect(),
            claim: None,
            ..Self::from(updated)
        }
    }
}

impl FollowupResponse {
    /// The answer to a sign of life.
    pub(crate) fn lean(moved: &MovedFollowup) -> Self {
        Self {
            ok: true,
            work_item: None,
            work_item_id: Some(moved.item.id.to_string()),
            status: Some(FollowupStatusName(moved.item.status)),
            idempotent: moved.idempotent,
        }
    }
}

/// All that one agent has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkRecord {
    /// Its active claims, the oldest first.
    pub claims: Vec<ClaimRecord>,
    /// Review feedback that it has to answer, the most urgent first; a stale one may be another agent's a moment later.
    pub followups: Vec<FollowupRecord>,
}

/// `{work}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkResponse {
    /// The work.
    pub work: WorkRecord,
}

impl From<Work> for WorkResponse {
    fn from(work: Work) -> Self {
        Self {
            work: WorkRecord {
                claims: work.claims.iter().map(|claim| mark(&work, claim)).collect(),
                followups: (work.followups.iter())
                    .map(|item| FollowupRecord {
                        session: work.is_elsewhere(item.session.as_ref()).then_some("other"),
                        ..item.into()
                    })
                    .collect(),
            },
        }
    }
}

/// A claim of an agent, marked if another live session of the agent holds it.
fn mark(work: &Work, claim: &Claim) -> ClaimRecord {
    ClaimRecord {
        session: work.is_elsewhere(claim.session.as_ref()).then_some("other"),
        ..claim.into()
    }
}

/// `{agents}`, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentsResponse {
    /// The agents that were heard lately or hold something.
    pub agents: Vec<AgentRecord>,
    /// How many there are, where a page was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<AgentList> for AgentsResponse {
    fn from(page: AgentList) -> Self {
        Self {
            agents: page.agents.iter().map(Into::into).collect(),
            total: Some(page.total),
            next_cursor: page.next.map(|agent| agent.to_string()),
        }
    }
}

impl From<Vec<AgentState>> for AgentsResponse {
    fn from(agents: Vec<AgentState>) -> Self {
        Self {
            agents: agents.iter().map(Into::into).collect(),
            total: None,
            next_cursor: None,
        }
    }
}

impl Response for AgentsResponse {}
