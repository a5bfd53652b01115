//! The timeline of an issue.

use jiff::Timestamp;

/// One entry of the timeline of an issue or pull request, except comments and commits.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// GitHub's numeric id.
    pub id: u64,
    /// Login of the actor.
    pub actor: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: TimelineKind,
}

/// The kinds of timeline entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimelineKind {
    /// It was closed.
    Closed,
    /// It was opened again.
    Reopened,
    /// It was merged, by this commit.
    Merged(String),
    /// Its branch was pushed to by force; this is the new tip.
    ForcePushed(String),
    /// It became a draft.
    BecameDraft,
    /// It became ready for review.
    BecameReady,
    /// Its base branch was changed.
    BaseChanged,
    /// It was transferred from another repository.
    Transferred,
    /// Its title was changed.
    Renamed {
        /// The old one.
        from: String,
        /// The new one.
        to: String,
    },
}

impl TimelineKind {
    /// GitHub's word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Merged(_) => "merged",
            Self::ForcePushed(_) => "head_ref_force_pushed",
            Self::BecameDraft => "convert_to_draft",
            Self::BecameReady => "ready_for_review",
            Self::BaseChanged => "base_ref_changed",
            Self::Transferred => "transferred",
            Self::Renamed { .. } => "renamed",
        }
    }
}
