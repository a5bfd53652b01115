//! What a reader of the event log is told where events are missing.

use issuecommand_core::service::{EventGap, GapReason};
use schemars::JsonSchema;
use serde::Serialize;

/// Events are missing between the id that the reader came with and what it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResetRecord {
    /// The oldest event that is kept.
    pub oldest_event_id: String,
    /// Why: `trimmed`, or `unknown_event_id`.
    #[schemars(extend("enum" = ["trimmed", "unknown_event_id"]))]
    pub reason: &'static str,
    /// What happened, and what to do about it.
    pub message: &'static str,
}

impl From<EventGap> for ResetRecord {
    fn from(gap: EventGap) -> Self {
        let (reason, message) = match gap.reason {
            GapReason::Trimmed => (
                "trimmed",
                "Events between the id that you came with and oldest_event_id are kept no longer. What follows begins with \
                 oldest_event_id. Read /api/claims and /api/followups for how things stand.",
            ),
            GapReason::Unknown => (
                "unknown_event_id",
                "The id that you came with is none of this log: the database is another, or was restored. What follows is what \
                 happens from now on. Read /api/claims and /api/followups for how things stand.",
            ),
        };
        Self {
            oldest_event_id: gap.oldest.to_string(),
            reason,
            message,
        }
    }
}
