//! The statuses of a claim.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// Taken, not begun.
    Claimed,
    /// Being worked on.
    InProgress,
    /// A pull request waits for review.
    PrSubmitted,
    /// The pull request is merged.
    PrMerged,
    /// Done; the end.
    Closed,
    /// Given back; the end.
    Released,
    /// No sign of life for too long; the issue is still held.
    Stale,
}

impl ClaimStatus {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 7] = [
        Self::Claimed,
        Self::InProgress,
        Self::PrSubmitted,
        Self::PrMerged,
        Self::Closed,
        Self::Released,
        Self::Stale,
    ];

    /// The word on the wire and in the stores.
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

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether a claim that came here has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Closed | Self::Released)
    }
}

impl fmt::Display for ClaimStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
