//! Feedback that is shown to people and kept from agents.

use super::{FeedbackEvent, SourceId};
use crate::domain::id::PullKey;
use crate::domain::time::Timestamp;

/// A review or comment of somebody without write access, which `FEEDBACK_AUTHORS` keeps from agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFeedback {
    /// The pull request.
    pub pull: PullKey,
    /// The review or comment.
    pub source: FeedbackEvent,
    /// Whether its author is a bot.
    pub bot: bool,
    /// When it was held back.
    pub at: Timestamp,
}

impl HeldFeedback {
    /// The id of the feedback event that is held back.
    pub fn id(&self) -> &SourceId {
        &self.source.id
    }
}
