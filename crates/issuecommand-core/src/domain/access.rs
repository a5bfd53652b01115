//! Who asks, and what that one may see and do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, Principal};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;

/// The repositories that a caller may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// All of them.
    #[default]
    All,
    /// These alone.
    Only(BTreeSet<RepoName>),
}

impl Scope {
    /// Whether this repository is within it.
    pub fn has(&self, repo: &RepoName) -> bool {
        match self {
            Self::All => true,
            Self::Only(repos) => repos.contains(repo),
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// On whose authority.
    pub principal: Principal,
    /// What it may see.
    pub scope: Scope,
    /// The one agent as which it may act; `None`: as any.
    pub agent: Option<AgentId>,
    /// Whether it may look and change nothing.
    pub read_only: bool,
}

impl Caller {
    /// One that may do everything, on this authority.
    pub fn full(principal: Principal) -> Self {
        Self {
            principal,
            scope: Scope::All,
            agent: None,
            read_only: false,
        }
    }

    /// IssueCommand itself, which sees everything.
    pub fn system() -> Self {
        Self::full(Principal::System)
    }

    /// Whether it may speak as this agent, be it only to ask what is that agent's.
    ///
    /// # Errors
    /// [`Refusal::AgentNotAllowed`].
    pub fn may_be(&self, agent: &AgentId) -> Result<(), Refusal> {
        match &self.agent {
            Some(own) if own != agent => Err(Refusal::AgentNotAllowed { own: own.clone() }),
            _ => Ok(()),
        }
    }

    /// Whether it may change something, as this agent or, where none is given, as none. The engine asks this before anything
    /// else, so that no interface can forget it.
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
