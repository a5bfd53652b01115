//! The answer with events.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::service::EventPage;
use schemars::JsonSchema;
use serde::Serialize;

use super::Response;
use crate::record::{EventRecord, ResetRecord};

/// `{events}`: a page of the event log, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EventsResponse {
    /// `true`.
    pub ok: bool,
    /// The events.
    pub events: Vec<EventRecord>,
    /// Give it as `after` for what comes next. It also counts events that were looked at and not wanted.
    pub last_event_id: String,
    /// Whether there may be more at once. If not, ask again later.
    pub more: bool,
    /// Events between `after` and the first of these are missing; absent where none are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetRecord>,
}

impl EventsResponse {
    /// The answer to a reader who sees these repositories.
    pub(crate) fn of(page: &EventPage, sight: &Scope) -> Self {
        let seen = |event| EventRecord::seen_in(event, sight);
        Self {
            ok: true,
            events: page.events.iter().map(seen).collect(),
            last_event_id: page.last.to_string(),
            more: page.more,
            reset: page.gap.map(Into::into),
        }
    }
}

impl Response for EventsResponse {}
