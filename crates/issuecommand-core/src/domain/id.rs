//! Ids and keys of claims, issues, agents and callers.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The permanent id of a claim. A new claim on the same issue has another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimId(pub Uuid);

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Our own number for a repository. It survives renames and transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepoId(pub i64);

/// The number of an issue in its repository: 1 to 2 147 483 647, as in GitHub's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssueNumber(u32);

impl IssueNumber {
    /// The highest number.
    pub const MAX: Self = Self(i32::MAX.unsigned_abs());

    /// `None` if GitHub cannot have given such a number.
    pub fn new(number: i64) -> Option<Self> {
        u32::try_from(number)
            .ok()
            .filter(|n| (1..=i32::MAX.unsigned_abs()).contains(n))
            .map(Self)
    }

    /// The number as an integer.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }
}

impl fmt::Display for IssueNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An issue of a repository: the key of the mirror and of exclusive claims.
pub type IssueKey = (RepoId, IssueNumber);

/// A pull request of a repository. Issues and pull requests share one sequence of numbers.
pub type PullKey = (RepoId, IssueNumber);

/// The name that an agent gives itself: 1–200 bytes, not blank, no control characters, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(String);

/// The error for a text that is not an [`AgentId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agent_id must be 1 to 200 bytes long, not blank and without control characters")]
pub struct BadAgentId;

impl AgentId {
    /// Parses a name and trims white space.
    ///
    /// # Errors
    /// [`BadAgentId`] if the name is blank, longer than 200 bytes or has a control character.
    pub fn parse(text: &str) -> Result<Self, BadAgentId> {
        let name = text.trim();
        if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
            return Err(BadAgentId);
        }
        Ok(Self(name.to_owned()))
    }

    /// The trimmed name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a caller was authenticated, as opposed to the agent name that it gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Principal {
    /// A remote caller with the API key.
    ApiKey,
    /// A local MCP client on stdio.
    Local,
    /// IssueCommand itself: sync, sweep and outbox.
    System,
    /// A remote caller with a named key, by the key's id.
    Key(String),
    /// A person who is signed in to the dashboard, and not the agent that it may act for.
    Person {
        /// By which key, or how else.
        by: Box<Principal>,
        /// The name of the key.
        name: String,
    },
}

impl Principal {
    /// The beginning of the text of a person.
    const PERSON: &'static str = "person:";

    /// Who it is, for notes that people and agents read.
    pub fn description(&self) -> String {
        match self {
            Self::Person { by, name } => format!("{name} ({})", String::from((**by).clone())),
            other => String::from(other.clone()),
        }
    }

    /// Whether it is a person.
    pub fn is_person(&self) -> bool {
        matches!(self, Self::Person { .. })
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        match principal {
            Principal::ApiKey => "api-key".to_owned(),
            Principal::Local => "local".to_owned(),
            Principal::System => "system".to_owned(),
            Principal::Key(id) => id,
            Principal::Person { by, name } => {
                format!("{}{} {name}", Principal::PERSON, Self::from(*by))
            }
        }
    }
}

impl From<String> for Principal {
    fn from(text: String) -> Self {
        let person = text.strip_prefix(Self::PERSON);
        if let Some((by, name)) = person.and_then(|person| person.split_once(' ')) {
            return Self::Person {
                by: Box::new(Self::from(by.to_owned())),
                name: name.to_owned(),
            };
        }
        match text.as_str() {
            "api-key" => Self::ApiKey,
            "local" => Self::Local,
            "system" => Self::System,
            _ => Self::Key(text),
        }
    }
}

/// The source of new ids. The engine itself draws no random numbers.
pub trait IdGenerator: Send {
    /// Returns an id that was never used before.
    fn uuid(&mut self) -> Uuid;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_written_and_read() {
        let key = Principal::Key("key_0123456789ab".to_owned());
        for (principal, text) in [
            (Principal::ApiKey, "api-key"),
            (Principal::Local, "local"),
            (Principal::System, "system"),
            (key.clone(), "key_0123456789ab"),
            (
                Principal::Person {
                    by: Box::new(key),
                    name: "Ann's key".to_owned(),
                },
                "person:key_0123456789ab Ann's key",
            ),
        ] {
            assert_eq!(String::from(principal.clone()), text);
            assert_eq!(Principal::from(text.to_owned()), principal);
        }
    }
}
