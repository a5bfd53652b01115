//! Events as frames of a stream of server-sent events.

use std::sync::Arc;

use axum::body::Bytes;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::{Details, Event, Seq};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::service::EventGap;
use issuecommand_wire::call::EventSelection;
use issuecommand_wire::record::{EventRecord, ResetRecord};
use serde::Serialize;
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

/// An event, written for readers of all repositories.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) event: Event,
    text: Bytes,
}

impl From<Event> for Frame {
    fn from(event: Event) -> Self {
        let text = written(&EventRecord::from(&event));
        Self { event, text }
    }
}

fn written(record: &EventRecord) -> Bytes {
    // JSON text has no raw line breaks, so one data line holds it.
    let data = serde_json::to_string(record).unwrap_or_default();
    let (id, kind) = (&record.event_id, record.kind);
    format!("id: {id}\nevent: {kind}\ndata: {data}\n\n").into()
}

impl Frame {
    /// The text for a reader who sees these repositories and wants these events; `None` if it is not for that reader.
    pub(super) fn text_for(&self, sight: &Scope, wanted: &EventSelection) -> Option<Bytes> {
        if !(self.event.is_in(sight) && wanted.filter.has(&self.event)) {
            return None;
        }
        // Only these details name other repositories.
        let names_others = matches!(
            self.event.details,
            Details::Cycle { .. } | Details::Transferred { .. }
        );
        if names_others && *sight != Scope::All {
            return Some(written(&EventRecord::seen_in(&self.event, sight)));
        }
        Some(self.text.clone())
    }
}

/// The first line. Its id lets a reader that is cut off before any event resume from here.
pub(super) fn connected(at: Seq, now: Timestamp) -> Bytes {
    let data = json!({ "event_id": at.to_string(), "timestamp": now.to_string() });
    format!("id: {at}\nevent: connected\ndata: {data}\n\n").into()
}

#[derive(Serialize)]
struct Reset {
    event_id: String,
    timestamp: String,
    #[serde(flatten)]
    gap: ResetRecord,
}

/// The line that says that events are missing: the stream goes on after `at`. Its id lets a reader that is cut off right after
/// it resume from there.
pub(super) fn reset(gap: EventGap, at: Seq, now: Timestamp) -> Bytes {
    let reset = Reset {
        event_id: at.to_string(),
        timestamp: now.to_string(),
        gap: gap.into(),
    };
    let data = serde_json::to_string(&reset).unwrap_or_default();
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
