//! Halted work on the wire.

use issuecommand_core::domain::halt::{Halt, HaltOf};
use issuecommand_core::service::ShownHalt;
use schemars::JsonSchema;
use serde::Serialize;

/// Halted work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HaltRecord {
    /// `everything`, `agent` or `repo`.
    #[schemars(extend("enum" = ["everything", "agent", "repo"]))]
    pub of: &'static str,
    /// The agent whose work is halted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The repository in which work is halted, as `owner/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// `paused`: nothing is given. `draining`: no new issues are given, but feedback is.
    #[schemars(extend("enum" = ["paused", "draining"]))]
    pub state: &'static str,
    /// The id of the key that halted it, or `loop` for an agent that gave back one issue after the other at once.
    pub by: String,
    /// The note of whoever halted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was halted.
    pub since: String,
}

impl From<&Halt> for HaltRecord {
    fn from(halt: &Halt) -> Self {
        let (of, agent) = match &halt.of {
            HaltOf::Everything => ("everything", None),
            HaltOf::Agent(agent) => ("agent", Some(agent.to_string())),
            HaltOf::Repo(_) => ("repo", None),
        };
        Self {
            of,
            agent_id: agent,
            repo: None,
            state: halt.kind.as_str(),
            by: halt.by.clone(),
            note: halt.note.clone(),
            since: halt.at.to_string(),
        }
    }
}

impl From<&ShownHalt> for HaltRecord {
    fn from(shown: &ShownHalt) -> Self {
        Self {
            repo: shown.repo.as_ref().map(ToString::to_string),
            ..Self::from(&shown.halt)
        }
    }
}
