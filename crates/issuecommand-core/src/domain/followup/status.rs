//! The statuses of a follow-up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowupStatus {
    /// It waits for an agent.
    Queued,
    /// An agent holds it.
    Claimed,
    /// An agent is working on it.
    InProgress,
    /// The feedback is answered. Terminal.
    Done,
    /// It was dismissed without an answer. Terminal.
    Dismissed,
    /// It was silent for too long. Any agent may take it.
    Stale,
}

impl FollowupStatus {
    /// All statuses, in the contract's order.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Claimed,
        Self::InProgress,
        Self::Done,
        Self::Dismissed,
        Self::Stale,
    ];

    /// The name on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Claimed => "claimed",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Dismissed => "dismissed",
            Self::Stale => "stale",
        }
    }

    /// The status with that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the follow-up has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Done | Self::Dismissed)
    }

    /// Whether its owner holds the pull request.
    pub fn is_held(self) -> bool {
        matches!(self, Self::Claimed | Self::InProgress)
    }
}

impl fmt::Display for FollowupStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
