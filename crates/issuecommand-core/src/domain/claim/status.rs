//! The statuses of a claim.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// The agent has the issue, and has not begun.
    Claimed,
    /// The agent is working on it.
    InProgress,
    /// A pull request waits for review.
    PrSubmitted,
    /// The pull request is merged.
    PrMerged,
    /// The work is done. Terminal.
    Closed,
    /// The issue was given back. Terminal.
    Released,
    /// The agent was silent for too long. It still holds the issue.
    Stale,
}

impl ClaimStatus {
    /// All statuses, in the contract's order.
    pub const ALL: [Self; 7] = [
        Self::Claimed,
        Self::InProgress,
        Self::PrSubmitted,
        Self::PrMerged,
        Self::Closed,
        Self::Released,
        Self::Stale,
    ];

    /// The name on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::InProgress => "in_progress",
            Self::PrSubmitted => "pr_submitted",
            Self::PrMerged => "pr_merged",
            Self::Closed => "closed",
            Self::Released => "released",
            Self::Stale => "stale",
        }
    }

    /// The status with that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the claim has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Closed | Self::Released)
    }
}

impl fmt::Display for ClaimStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
