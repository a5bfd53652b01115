//! Callers, and what they may see and do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, Principal};
use crate::domain::presence::Presence;
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::session::{CallerSession, Session, SessionId};

/// The repositories that a caller may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// All repositories, without a limit.
    #[default]
    All,
    /// Only these repositories.
    Only(BTreeSet<RepoName>),
}

impl Scope {
    /// Whether it includes this repository.
    pub fn has(&self, repo: &RepoName) -> bool {
        match self {
            Self::All => true,
            Self::Only(repos) => repos.contains(repo),
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(own), Self::Only(other)) => Self::Only(own.union(other).cloned().collect()),
            _ => Self::All,
        }
    }
}

/// A key that a caller gives a request, so that a repetition gets the first answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The caller's own text, 1–200 bytes.
    pub key: String,
    /// A digest of the request. The same key with another request is refused.
    pub request: String,
}

/// The sender of a request, with its permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// How it was authenticated.
    pub principal: Principal,
    /// The repositories that it may see.
    pub scope: Scope,
    /// The only agent that it may act as; `None` for any agent.
    pub agent: Option<AgentId>,
    /// Whether it may read but change nothing.
    pub read_only: bool,
    /// The session that it calls from, if it said so.
    pub session: Option<CallerSession>,
    /// The idempotency key of its request, if it gave one. The request makes one change, whose answer is kept under the key.
    pub idempotency: Option<IdempotencyKey>,
    /// Whether it still waits for the answer.
    pub presence: Presence,
}

impl Caller {
    /// A caller without restrictions.
    pub fn full(principal: Principal) -> Self {
        Self {
            principal,
            scope: Scope::All,
            agent: None,
            read_only: false,
            session: None,
            idempotency: None,
            presence: Presence::default(),
        }
    }

    /// The id of its session.
    pub fn session_id(&self) -> Option<&SessionId> {
        self.session.as_ref().map(|session| &session.id)
    }

    /// IssueCommand itself, without restrictions.
    pub fn system() -> Self {
        Self::full(Principal::System)
    }

    /// Whether it may act as this agent, even to read that agent's data.
    ///
    /// # Errors
    /// [`Refusal::AgentNotAllowed`].
    pub fn may_be(&self, agent: &AgentId) -> Result<(), Refusal> {
        match &self.agent {
            Some(own) if own != agent => Err(Refusal::AgentNotAllowed { own: own.clone() }),
            _ => Ok(()),
        }
    }

    /// Whether it may speak in a session, and end it: the session is of its own key, or of the only agent that it acts as, or it is the
    /// operator's own caller. To know a session's id is no right.
    pub fn may_speak_in(&self, session: &Session) -> bool {
        match &self.principal {
            Principal::ApiKey | Principal::Local | Principal::System => true,
            Principal::Key(_) => {
                session.principal == self.principal || self.agent.as_ref() == Some(&session.agent)
            }
        }
    }

    /// Whether it may make changes, as this agent if one is given. The engine checks this first, so that no interface can
    /// forget it.
    ///
    /// # Errors
    /// [`Refusal::ReadOnlyKey`], [`Refusal::AgentNotAllowed`].
    pub fn may_change(&self, acts_as: Option<&AgentId>) -> Result<(), Refusal> {
        if self.read_only {
            return Err(Refusal::ReadOnlyKey);
        }
        match (acts_as, &self.agent) {
            (Some(agent), _) => self.may_be(agent),
            (None, Some(own)) => Err(Refusal::AgentNotAllowed { own: own.clone() }),
            (None, None) => Ok(()),
        }
    }
}
