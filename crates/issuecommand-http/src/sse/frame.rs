//! Events as frames of a stream of server-sent events.

use std::sync::Arc;

use axum::body::Bytes;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_wire::record::EventRecord;
use serde_json::json;

/// A stretch of the log: all that is in it after `after`, up to and with `upto`.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) after: Seq,
    pub(super) upto: Seq,
    pub(super) frames: Arc<[Frame]>,
}

/// A request on the webhook's path that was turned away. It is in no log.
#[derive(Clone, Debug)]
pub(super) struct Rejection {
    pub(super) when: Timestamp,
    pub(super) reason: Arc<str>,
}

/// An event, written.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) seq: Seq,
    /// The repository that it speaks of; without one it speaks of the whole.
    repo: Option<RepoName>,
    pub(super) text: Bytes,
}

impl From<&Event> for Frame {
    fn from(event: &Event) -> Self {
        let record = EventRecord::from(event);
        // JSON text has no raw line breaks, so one data line holds it.
        let data = serde_json::to_string(&record).unwrap_or_default();
        let text = format!(
            "id: {}\nevent: {}\ndata: {data}\n\n",
            record.event_id, record.kind
        );
        Self {
            seq: event.seq,
            repo: event.repo.clone(),
            text: text.into(),
        }
    }
}

impl Frame {
    /// Whether a reader of these repositories may see it. Events of no repository tell of all, so only readers of all see them.
    pub(super) fn is_in(&self, sight: &Scope) -> bool {
        *sight == Scope::All || self.repo.as_ref().is_some_and(|repo| sight.has(repo))
    }
}

/// The first line. Its id lets a reader that is cut off before any event resume from here.
pub(super) fn connected(at: Seq, now: Timestamp) -> Bytes {
    let data = json!({ "event_id": at.to_string(), "timestamp": now.to_string() });
    format!("id: {at}\nevent: connected\ndata: {data}\n\n").into()
}

/// The reason why a reader cannot have the events after its last id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResetReason {
    /// The events after it were trimmed.
    Trimmed,
    /// The id is none of this log: of another database, or of this one before it was restored.
    Unknown,
}

/// The line that says that events are missing: the stream goes on after `at`, and `oldest` is the first that is kept. Its id
/// lets a reader that is cut off right after it resume from there.
pub(super) fn reset(reason: ResetReason, at: Seq, oldest: Seq, now: Timestamp) -> Bytes {
    let (reason, message) = match reason {
        ResetReason::Trimmed => (
            "trimmed",
            "Events between the id that you came with and oldest_event_id are kept no longer. The stream goes on with \
             oldest_event_id. Read /api/claims and /api/followups for how things stand.",
        ),
        ResetReason::Unknown => (
            "unknown_event_id",
            "The id that you came with is none of this log: the database is another, or was restored. The stream goes on \
             with what happens from now on. Read /api/claims and /api/followups for how things stand.",
        ),
    };
    let data = json!({
        "event_id": at.to_string(),
        "timestamp": now.to_string(),
        "oldest_event_id": oldest.to_string(),
        "reason": reason,
        "message": message,
    });
    format!("id: {at}\nevent: reset\ndata: {data}\n\n").into()
}

/// A sign of life.
pub(super) fn ping(now: Timestamp) -> Bytes {
    format!(
        "event: ping\ndata: {}\n\n",
        json!({ "timestamp": now.to_string() })
    )
    .into()
}

/// A request on the webhook's path that was turned away. Without an `id:`, since there is no place in the log to resume from.
pub(super) fn rejected(at: Seq, rejection: &Rejection) -> Bytes {
    let record = EventRecord::rejected(at, rejection.when, &rejection.reason);
    let data = serde_json::to_string(&record).unwrap_or_default();
    format!("event: {}\ndata: {data}\n\n", record.kind).into()
}
