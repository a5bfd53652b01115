//! The statuses of a follow-up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a follow-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowupStatus {
    /// It waits.
    Queued,
    /// An agent has it.
    Claimed,
    /// An agent works on it.
    InProgress,
    /// Answered; the end.
    Done,
    /// Not to be answered; the end.
    Dismissed,
    /// Nothing happened for too long; anybody may take it.
    Stale,
}

impl FollowupStatus {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Claimed,
        Self::InProgress,
        Self::Done,
        Self::Dismissed,
        Self::Stale,
    ];

    /// The word on the wire and in the stores.
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

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether a follow-up that came here has ended.
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
