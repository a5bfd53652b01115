//! The ends of feedback events.

use serde::{Deserialize, Serialize};

/// Why a feedback event no longer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Its agent ended its item.
    Answered,
    /// A push came after it.
    Pushed,
    /// The review was dismissed.
    Dismissed,
    /// The thread was resolved.
    Resolved,
    /// The pull request was merged.
    Merged,
    /// The pull request was closed without a merge. A reopening makes it wait again.
    Closed,
    /// Its reviewer approved later, or a later review of this reviewer was dismissed.
    Approved,
    /// It was deleted on GitHub.
    Deleted,
    /// It was hidden on GitHub as spam, outdated, resolved …
    Minimized,
    /// Its text was edited after its agent got it. The new text is a separate event.
    Edited,
}

impl Resolution {
    /// All reasons, in order of declaration.
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::Pushed,
        Self::Dismissed,
        Self::Resolved,
        Self::Merged,
        Self::Closed,
        Self::Approved,
        Self::Deleted,
        Self::Minimized,
        Self::Edited,
    ];

    /// The name on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Pushed => "pushed",
            Self::Dismissed => "dismissed",
            Self::Resolved => "resolved",
            Self::Merged => "merged",
            Self::Closed => "closed",
            Self::Approved => "approved",
            Self::Deleted => "deleted",
            Self::Minimized => "minimized",
            Self::Edited => "edited",
        }
    }

    /// Whether GitHub may undo it, so that the event waits again. Its text is kept for that.
    pub fn may_return(self) -> bool {
        match self {
            Self::Closed | Self::Resolved | Self::Minimized => true,
            Self::Answered
            | Self::Pushed
            | Self::Dismissed
            | Self::Merged
            | Self::Approved
            | Self::Deleted
            | Self::Edited => false,
        }
    }
}
