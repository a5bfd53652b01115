//! Events as lines of a stream.

use axum::body::Bytes;
use issuecommand_core::command::Scope;
use issuecommand_core::event::{Event, Seq};
use issuecommand_core::repo::RepoName;
use issuecommand_core::time::Timestamp;
use issuecommand_wire::record::EventRecord;
use serde_json::json;

use super::hub::Rejection;

/// An event, written.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) seq: Seq,
    /// The repository that it speaks of; without one it speaks of the whole.
    repo: Option<RepoName>,
    pub(super) text: Bytes,
}

impl From<&Event> for Line {
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

impl Line {
    /// Whether a reader of these repositories may see it. What speaks of the whole tells of the others, too.
    pub(super) fn is_in(&self, sight: &Scope) -> bool {
        *sight == Scope::All || self.repo.as_ref().is_some_and(|repo| sight.has(repo))
    }
}

/// The first line. Its id lets a reader that is cut off before any event resume from here.
pub(super) fn connected(at: Seq, now: Timestamp) -> Bytes {
    let data = json!({ "event_id": at.to_string(), "timestamp": now.to_string() });
    format!("id: {at}\nevent: connected\ndata: {data}\n\n").into()
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
