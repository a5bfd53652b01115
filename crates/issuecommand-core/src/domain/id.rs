//! Names of things: who asks, which claim, which issue.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names one claim, for ever: a new claim on the same issue has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimId(pub Uuid);

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Our own number of a repository; it outlives renames and transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoId(pub i64);

/// The number of an issue within its repository: 1 to 2 147 483 647, as in GitHub's own API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssueNumber(u32);

impl IssueNumber {
    /// `None` when GitHub could not have given such a number.
    pub fn new(number: i64) -> Option<Self> {
        u32::try_from(number)
            .ok()
            .filter(|n| (1..=i32::MAX.unsigned_abs()).contains(n))
            .map(Self)
    }

    /// The plain number.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }
}

impl fmt::Display for IssueNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One issue of one repository: the key of the mirror and of exclusivity.
pub type IssueKey = (RepoId, IssueNumber);

/// One pull request of one repository; issues and pull requests share one sequence of numbers.
pub type PullKey = (RepoId, IssueNumber);

/// The name by which an agent calls itself: 1–200 bytes, not blank, no control characters, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(String);

/// Why a text is no [`AgentId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agent_id must be 1 to 200 bytes long, not blank and without control characters")]
pub struct BadAgentId;

impl AgentId {
    /// Takes a name, without the white space around it.
    ///
    /// # Errors
    /// [`BadAgentId`] when the name is blank, longer than 200 bytes or has a control character.
    pub fn parse(text: &str) -> Result<Self, BadAgentId> {
        let name = text.trim();
        if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
            return Err(BadAgentId);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as the agent gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// On whose authority a command comes: not the agent's own word but how it got in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Principal {
    /// A remote caller with the one API key.
    ApiKey,
    /// A local MCP client on stdio.
    Local,
    /// IssueCommand itself: sync, sweep, outbox.
    System,
    /// A caller with a key of its own, by the key's id.
    Key(String),
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::ApiKey => "api-key".to_owned(),
            Principal::Local => "local".to_owned(),
            Principal::System => "system".to_owned(),
            Principal::Key(id) => id,
        }
    }
}

impl From<String> for Principal {
    fn from(text: String) -> Self {
        match text.as_str() {
            "api-key" => Self::ApiKey,
            "local" => Self::Local,
            "system" => Self::System,
            _ => Self::Key(text),
        }
    }
}

/// Where new identifiers come from; the engine draws no randomness of its own.
pub trait IdGenerator: Send {
    /// An id that was never given before.
    fn uuid(&mut self) -> Uuid;
}
