//! Agents and their sessions: who was heard, when, and from which process.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::access::Scope;
use crate::domain::id::{AgentId, Principal};
use crate::domain::time::Timestamp;

/// The id of a session, given by the client or made for its process: 1–200 bytes, not blank, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

/// The error for a text that is not a [`SessionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session_id must be 1 to 200 bytes long, not blank and without control characters")]
pub struct BadSessionId;

impl SessionId {
    /// Parses an id and trims white space.
    ///
    /// # Errors
    /// [`BadSessionId`] if the id is blank, longer than 200 bytes or has a control character.
    pub fn parse(text: &str) -> Result<Self, BadSessionId> {
        let id = text.trim();
        if id.is_empty() || id.len() > 200 || id.chars().any(char::is_control) {
            return Err(BadSessionId);
        }
        Ok(Self(id.to_owned()))
    }

    /// The trimmed id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first four characters, by which people tell sessions apart.
    pub fn short(&self) -> String {
        self.0.chars().take(4).collect()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program that a session runs in, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// Its name, such as `claude-code`.
    pub name: String,
    /// The version that the program says, such as `2.1.0`.
    pub version: String,
}

/// How a session reaches IssueCommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// MCP over the standard streams of a process of this program.
    Stdio,
    /// HTTP.
    Http,
}

impl Transport {
    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
        }
    }

    /// Parses the stored text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stdio, Self::Http]
            .into_iter()
            .find(|transport| transport.as_str() == text)
    }
}

/// The process that serves a session. It is the same process only if all three are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessRef {
    /// The machine since its start, and the name space of its process ids.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// When it was started, in the unit of the operating system.
    pub started: i64,
}

/// The session that a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerSession {
    /// The session's id.
    pub id: SessionId,
    /// The agent that acts in this session where a call names none.
    pub agent: Option<AgentId>,
    /// The client, if it named itself.
    pub client: Option<ClientInfo>,
    /// How the call came.
    pub transport: Transport,
    /// The process that serves the session, if it ends with it.
    pub process: Option<ProcessRef>,
}

/// An agent that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAgent {
    /// The agent's name.
    pub id: AgentId,
    /// The client of its last call that named one.
    pub client: Option<ClientInfo>,
    /// The caller that used the name last.
    pub principal: Principal,
    /// When the name was first heard.
    pub first_seen: Timestamp,
    /// When it was last heard, to the minute.
    pub last_seen: Timestamp,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The client closed the connection.
    Left,
    /// Its process is gone.
    Gone,
    /// The client said that the session is over. What it holds is given back after a while.
    Over,
}

impl SessionEnd {
    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Gone => "gone",
            Self::Over => "over",
        }
    }

    /// Parses the stored text.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Left, Self::Gone, Self::Over]
            .into_iter()
            .find(|end| end.as_str() == text)
    }
}

/// A session of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The agent.
    pub agent: AgentId,
    /// The session's id.
    pub id: SessionId,
    /// The client, if it named itself.
    pub client: Option<ClientInfo>,
    /// The caller that began it.
    pub principal: Principal,
    /// How its last call came.
    pub transport: Transport,
    /// The process that serves it, if it ends with it.
    pub process: Option<ProcessRef>,
    /// When it was first heard.
    pub first_seen: Timestamp,
    /// When it was last heard.
    pub last_seen: Timestamp,
    /// When and how it ended. A later call begins it again.
    pub ended: Option<(Timestamp, SessionEnd)>,
    /// Where its end gives claims back: what the caller that ended it may change.
    pub gives_back: Scope,
}

impl Session {
    /// When its client said that it is over; `None` if it did not, or if it was heard since.
    pub fn over_at(&self) -> Option<Timestamp> {
        let over = self.ended.filter(|(_, end)| *end == SessionEnd::Over);
        over.map(|(at, _)| at)
    }

    /// Whether it may still be at work: it has not ended and was heard after this time.
    pub fn is_alive(&self, silent_since: Timestamp) -> bool {
        self.ended.is_none() && self.last_seen > silent_since
    }
}

/// Another live session of the caller's own name, which holds what the call is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSession {
    /// The id of that session, which callers see as `owner_session`.
    pub id: SessionId,
    /// How long ago it was last heard, in milliseconds.
    pub silent: i64,
    /// The process that serves it, if it ends with it.
    pub process: Option<ProcessRef>,
}
