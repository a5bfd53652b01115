//! Notices: what an agent is told when work of its own ended or went to somebody else by another's hand.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::access::Caller;
use crate::domain::claim::Claim;
use crate::domain::followup::{Followup, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueNumber, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::session::SessionId;
use crate::domain::time::{Millis, Timestamp};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The agent holds it no more, and it is free.
    Lost,
    /// It is closed, done or dismissed.
    Ended,
    /// Another agent has it, or another session of the same agent.
    TakenOver,
    /// The agent was given it.
    Given,
}

impl NoticeKind {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Ended => "ended",
            Self::TakenOver => "taken_over",
            Self::Given => "given",
        }
    }
}

/// What it happened to. Names are those of the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeOf {
    /// A claim of an issue.
    Claim {
        /// The claim's id.
        id: ClaimId,
        /// The issue's repository.
        repo: RepoId,
        /// The repository's name.
        repo_name: RepoName,
        /// The issue's number.
        number: IssueNumber,
    },
    /// A follow-up of a pull request.
    Followup {
        /// The follow-up's id.
        id: WorkItemId,
        /// The pull request's repository.
        repo: RepoId,
        /// The repository's name.
        repo_name: RepoName,
        /// The pull request's number.
        number: IssueNumber,
    },
}

impl NoticeOf {
    /// The repository's name.
    pub fn repo_name(&self) -> &RepoName {
        match self {
            Self::Claim { repo_name, .. } | Self::Followup { repo_name, .. } => repo_name,
        }
    }

    /// The claim.
    pub(crate) fn claim(claim: &Claim) -> Self {
        Self::Claim {
            id: claim.id,
            repo: claim.repo,
            repo_name: claim.repo_name.clone(),
            number: claim.number,
        }
    }

    /// The follow-up.
    pub(crate) fn followup(item: &Followup) -> Self {
        Self::Followup {
            id: item.id,
            repo: item.repo,
            repo_name: item.repo_name.clone(),
            number: item.number,
        }
    }
}

/// What a notice says, and to whom it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeBody {
    /// What happened.
    pub what: NoticeKind,
    /// What it happened to.
    pub of: NoticeOf,
    /// Why, for the agent; at most [`Notice::WHY_MAX`] bytes.
    pub why: String,
    /// The session of the same agent that did it. It is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_session: Option<SessionId>,
    /// The session that lost it, where the agent has it still. No other one is told, because to the agent nothing is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_session: Option<SessionId>,
    /// The sessions that were told. The empty text stands for callers without a session.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<String>,
}

/// A notice for an agent, told to each of its sessions once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its key: the claim or follow-up, the agent, and a number.
    pub id: String,
    /// The agent that is told.
    pub agent: AgentId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub body: NoticeBody,
}

impl Notice {
    /// How long a notice is told to sessions that have not heard it.
    pub const KEEP: Millis = Millis::minutes(24 * 60);
    /// The most notices of one agent that a trimmed store keeps.
    pub const KEPT: u32 = 100;
    /// The most notices in one answer.
    pub const AT_ONCE: usize = 10;
    /// The longest reason, in bytes.
    pub const WHY_MAX: usize = 600;

    /// Whether this caller, who speaks for the agent, is to be told. A notice about a repository that the caller may not see waits for
    /// one who may. Notices from before `since` are too old.
    pub fn is_for(&self, caller: &Caller, since: Timestamp) -> bool {
        let body = &self.body;
        let session = caller.session_id();
        let name = session.map_or("", SessionId::as_str);
        let is_by = session.is_some() && body.by_session.as_ref() == session;
        let is_anothers = body.for_session.is_some() && body.for_session.as_ref() != session;
        self.at > since
            && !is_by
            && !is_anothers
            && !body.told.contains(name)
            && caller.scope.has(body.of.repo_name())
    }

    /// Marks it as told to this session.
    #[must_use]
    pub fn told_to(mut self, session: Option<&SessionId>) -> Self {
        let name = session.map_or("", SessionId::as_str);
        self.body.told.insert(name.to_owned());
        self
    }

    /// Its place in the order of telling.
    pub fn order(&self) -> (Timestamp, &str) {
        (self.at, &self.id)
    }
}
