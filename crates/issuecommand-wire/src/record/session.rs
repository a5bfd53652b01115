//! Notices, what an agent holds in short, and the registry of agents.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::domain::holding::{HeldWork, Holding};
use issuecommand_core::domain::notice::NoticeOf;
use issuecommand_core::domain::session::Session;
use issuecommand_core::service::{AgentState, ShownHolding, ToldNotice};
use schemars::JsonSchema;
use serde::Serialize;

use super::HaltRecord;

/// What became of an agent's work by another's hand. Each session is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeRecord {
    /// What happened: `lost` (it is free), `ended` (closed, done or dismissed), `taken_over`, `given` (to you).
    #[schemars(extend("enum" = ["lost", "ended", "taken_over", "given"]))]
    pub notice: &'static str,
    /// When.
    pub at: String,
    /// The claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<String>,
    /// The follow-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item_id: Option<String>,
    /// `owner/name`.
    pub repo: String,
    /// The issue of the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_number: Option<i64>,
    /// The pull request of the follow-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr_number: Option<i64>,
    /// Why.
    pub why: String,
    /// Who has it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now_held_by: Option<String>,
}

impl From<&ToldNotice> for NoticeRecord {
    fn from(told: &ToldNotice) -> Self {
        let body = &told.notice.body;
        let record = Self {
            notice: body.what.as_str(),
            at: told.notice.at.to_string(),
            claim_id: None,
            work_item_id: None,
            repo: body.of.repo_name().to_string(),
            issue_number: None,
            pr_number: None,
            why: body.why.clone(),
            now_held_by: told.now.as_ref().map(ToString::to_string),
        };
        match &body.of {
            NoticeOf::Claim { id, number, .. } => Self {
                claim_id: Some(id.to_string()),
                issue_number: Some(number.get()),
                ..record
            },
            NoticeOf::Followup { id, number, .. } => Self {
                work_item_id: Some(id.to_string()),
                pr_number: Some(number.get()),
                ..record
            },
        }
    }
}

/// One piece of work that an agent holds, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldRecord {
    /// `claim` or `pr_followup`.
    #[schemars(extend("enum" = ["claim", "pr_followup"]))]
    pub kind: &'static str,
    /// Names a claim in other calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<String>,
    /// Names a follow-up in other calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_item_id: Option<String>,
    /// `owner/name`.
    pub repo: String,
    /// The issue of a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_number: Option<i64>,
    /// The pull request of a follow-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pr_number: Option<i64>,
    /// Where it stands.
    pub status: &'static str,
    /// When it goes stale without a sign of life.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_at: Option<String>,
    /// `other`: another live session of your name holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["other"]))]
    pub session: Option<&'static str>,
}

impl HeldRecord {
    /// The most lines in an answer: agents hold one or a few, and the answer is to stay short.
    pub const MOST: usize = 5;

    /// The id of the claim or follow-up.
    pub fn id(&self) -> &str {
        let id = self.claim_id.as_deref().or(self.work_item_id.as_deref());
        id.unwrap_or_default()
    }
}

impl From<&Claim> for HeldRecord {
    fn from(claim: &Claim) -> Self {
        Self {
            stale_at: claim.stale_at.map(|at| at.to_string()),
            ..Self::from(&Holding::from(claim))
        }
    }
}

impl From<&Followup> for HeldRecord {
    fn from(item: &Followup) -> Self {
        Self::from(&Holding::from(item))
    }
}

impl From<&ShownHolding> for HeldRecord {
    fn from(shown: &ShownHolding) -> Self {
        Self {
            stale_at: shown.stale_at.map(|at| at.to_string()),
            session: shown.is_elsewhere.then_some("other"),
            ..Self::from(&shown.holding)
        }
    }
}

impl From<&Holding> for HeldRecord {
    fn from(holding: &Holding) -> Self {
        let none = Self {
            kind: "claim",
            claim_id: None,
            work_item_id: None,
            repo: holding.repo.to_string(),
            issue_number: None,
            pr_number: None,
            status: "",
            stale_at: None,
            session: None,
        };
        match &holding.what {
            HeldWork::Claim {
                id, number, status, ..
            } => Self {
                claim_id: Some(id.to_string()),
                issue_number: Some(number.get()),
                status: status.as_str(),
                ..none
            },
            HeldWork::Followup { id, number, status } => Self {
                kind: "pr_followup",
                work_item_id: Some(id.to_string()),
                pr_number: Some(number.get()),
                status: status.as_str(),
                ..none
            },
        }
    }
}

/// A session of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SessionRecord {
    /// Its id.
    pub session_id: String,
    /// Whether it counts as alive, so that other sessions of the name do not get what it holds.
    pub alive: bool,
    /// How its last call came: `stdio` or `http`.
    pub transport: &'static str,
    /// The client, as it names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The client's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    /// The key that began it.
    pub principal: String,
    /// When it was first heard.
    pub first_seen: String,
    /// When it was last heard.
    pub last_seen: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// How: `left`, `gone` or `over` (the client said so).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_how: Option<&'static str>,
}

impl From<&(Session, bool)> for SessionRecord {
    fn from((session, alive): &(Session, bool)) -> Self {
        let client = session.client.as_ref();
        Self {
            session_id: session.id.to_string(),
            alive: *alive,
            transport: session.transport.as_str(),
            client: client.map(|client| client.name.clone()),
            client_version: client.map(|client| client.version.clone()),
            principal: session.principal.clone().into(),
            first_seen: session.first_seen.to_string(),
            last_seen: session.last_seen.to_string(),
            ended_at: session.ended.map(|(at, _)| at.to_string()),
            ended_how: session.ended.map(|(_, end)| end.as_str()),
        }
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentRecord {
    /// Its name.
    pub agent_id: String,
    /// The client of its last call that named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The client's version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
    /// The key that used the name last.
    pub principal: String,
    /// When it was first heard.
    pub first_seen: String,
    /// When it was last heard, to the minute.
    pub last_seen: String,
    /// Its sessions of the last seven days.
    pub sessions: Vec<SessionRecord>,
    /// What it holds.
    pub holds: Vec<HeldRecord>,
    /// How many issues it may hold before next_* gives it no more; absent for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_claims: Option<u32>,
    /// Its work is paused or drained, by whom and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halted: Option<HaltRecord>,
}

impl From<&AgentState> for AgentRecord {
    fn from(state: &AgentState) -> Self {
        let AgentState {
            agent,
            sessions,
            claims,
            followups,
            halt,
            limit,
        } = state;
        let client = agent.client.as_ref();
        let claims = claims.iter().map(HeldRecord::from);
        Self {
            agent_id: agent.id.to_string(),
            client: client.map(|client| client.name.clone()),
            client_version: client.map(|client| client.version.clone()),
            principal: agent.principal.clone().into(),
            first_seen: agent.first_seen.to_string(),
            last_seen: agent.last_seen.to_string(),
            sessions: sessions.iter().map(Into::into).collect(),
            holds: claims.chain(followups.iter().map(Into::into)).collect(),
            max_claims: *limit,
            halted: halt.as_ref().map(Into::into),
        }
    }
}
