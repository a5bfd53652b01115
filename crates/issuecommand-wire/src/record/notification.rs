//! Endpoints of notifications, and notifications, on the wire.

use issuecommand_core::domain::notification::{Endpoint, Notification, NotificationState};
use schemars::JsonSchema;
use serde::Serialize;

/// Where notifications are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndpointRecord {
    /// Its name.
    pub name: String,
    /// Its kind, such as `slack` or `webhook`.
    pub kind: String,
    /// Notifications are made of all events up to this one.
    pub last_event_id: String,
    /// Since when nothing is sent to it; absent if it is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
    /// Why nothing is sent to it. It may have words of the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_why: Option<String>,
}

impl From<&Endpoint> for EndpointRecord {
    fn from(endpoint: &Endpoint) -> Self {
        let disabled = endpoint.disabled.as_ref();
        Self {
            name: endpoint.name.clone(),
            kind: endpoint.kind.clone(),
            last_event_id: endpoint.cursor.to_string(),
            disabled_at: disabled.map(|(at, _)| at.to_string()),
            disabled_why: disabled.map(|(_, why)| why.clone()),
        }
    }
}

/// A notification, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotificationRecord {
    /// The id that its receiver knows as `webhook-id`.
    pub notification_id: String,
    /// The endpoint that it is for.
    pub endpoint: String,
    /// What it is about: the type of an event, or the kind of what needs a person.
    #[serde(rename = "type")]
    pub kind: String,
    /// `waiting`, `delivered` or `failed`.
    #[schemars(extend("enum" = ["waiting", "delivered", "failed"]))]
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; absent if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// The HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The last failure. It may have words of the receiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was delivered or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
}

impl From<&Notification> for NotificationRecord {
    fn from(row: &Notification) -> Self {
        let is_waiting = row.state == NotificationState::Waiting;
        Self {
            notification_id: row.id.clone(),
            endpoint: row.endpoint.clone(),
            kind: row.kind.clone(),
            state: row.state.as_str(),
            attempts: row.attempts,
            due_at: is_waiting.then(|| row.due.to_string()),
            status: row.status,
            error: row.error.clone(),
            created_at: row.created_at.to_string(),
            ended_at: row.ended_at.map(|at| at.to_string()),
        }
    }
}
