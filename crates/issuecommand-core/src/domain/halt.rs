//! Halts: work that a person stopped, or that IssueCommand stopped because an agent is in a loop.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, RepoId};
use crate::domain::time::Timestamp;

/// What is halted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltOf {
    /// All work.
    Everything,
    /// The work of one agent.
    Agent(AgentId),
    /// The work in one repository.
    Repo(RepoId),
}

/// How far it is halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltKind {
    /// Nothing is given.
    Paused,
    /// No new issues are given, but feedback on pull requests is.
    Draining,
}

impl HaltKind {
    /// The kind as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Draining => "draining",
        }
    }

    /// The kind with this text.
    pub fn parse(text: &str) -> Option<Self> {
        let kinds = [Self::Paused, Self::Draining];
        kinds.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for HaltKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A halt. It holds until a person ends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// What is halted.
    pub of: HaltOf,
    /// Whether nothing is given at all, or only no new issues.
    pub kind: HaltKind,
    /// Who halted it: a principal, or "loop" for IssueCommand itself.
    pub by: String,
    /// The note of whoever halted it; agents are told it.
    pub note: Option<String>,
    /// When it was halted, by our clock.
    pub at: Timestamp,
}

impl Halt {
    /// Who halts an agent that is in a loop.
    pub const LOOP: &'static str = "loop";
}
