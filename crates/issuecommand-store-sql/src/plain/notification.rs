//! Endpoints and their notifications.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::notification::{
    Endpoint, Notification, NotificationKey, NotificationState,
};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::count;
use crate::rows::StoredRow;

/// A place that notifications are sent to.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct EndpointRow {
    name: String,
    kind: String,
    cursor: i64,
    disabled_at: Option<i64>,
    disabled_why: Option<String>,
    told: String,
}

impl StoredRow for EndpointRow {
    type Value = Endpoint;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.name.clone()
    }

    fn value(self) -> Result<Endpoint, StoreError> {
        let why = self.disabled_why.unwrap_or_default();
        Ok(Endpoint {
            name: self.name,
            kind: self.kind,
            cursor: self.cursor,
            disabled: self.disabled_at.map(|at| (Timestamp(at), why)),
            told: self.told,
        })
    }
}

impl PlainRow for EndpointRow {
    const PLAIN: PlainTable = plain_table!(
        "notify_endpoint",
        ["name"],
        ["kind", "cursor", "disabled_at", "disabled_why", "told"]
    );

    fn of(endpoint: &Endpoint) -> Result<Self, StoreError> {
        let disabled = endpoint.disabled.clone();
        let (disabled_at, disabled_why) = disabled.map(|(at, why)| (at.0, why)).unzip();
        Ok(Self {
            name: endpoint.name.clone(),
            kind: endpoint.kind.clone(),
            cursor: endpoint.cursor,
            disabled_at,
            disabled_why,
            told: endpoint.told.clone(),
        })
    }

    fn key(name: &String) -> Value {
        json!({ "name": name })
    }
}

/// One message to one endpoint.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct NotificationRow {
    endpoint: String,
    id: String,
    kind: String,
    content: String,
    state: String,
    attempts: i64,
    due: i64,
    status: Option<i64>,
    error: Option<String>,
    created_at: i64,
    ended_at: Option<i64>,
}

impl StoredRow for NotificationRow {
    type Value = Notification;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{} {}", self.endpoint, self.id)
    }

    fn value(self) -> Result<Notification, StoreError> {
        Ok(Notification {
            endpoint: self.endpoint,
            id: self.id,
            kind: self.kind,
            content: self.content,
            state: NotificationState::parse(&self.state)
                .ok_or_else(|| unreadable(format!("state {:?}", self.state)))?,
            attempts: count(self.attempts)?,
            due: Timestamp(self.due),
            status: self
                .status
                .map(u16::try_from)
                .transpose()
                .map_err(unreadable)?,
            error: self.error,
            created_at: Timestamp(self.created_at),
            ended_at: self.ended_at.map(Timestamp),
        })
    }
}

impl PlainRow for NotificationRow {
    const PLAIN: PlainTable = plain_table!(
        "notification",
        ["endpoint", "id"],
        [
            "kind",
            "content",
            "state",
            "attempts",
            "due",
            "status",
            "error",
            "created_at",
            "ended_at"
        ]
    );

    fn of(row: &Notification) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint: row.endpoint.clone(),
            id: row.id.clone(),
            kind: row.kind.clone(),
            content: row.content.clone(),
            state: row.state.as_str().to_owned(),
            attempts: row.attempts.into(),
            due: row.due.0,
            status: row.status.map(i64::from),
            error: row.error.clone(),
            created_at: row.created_at.0,
            ended_at: row.ended_at.map(|at| at.0),
        })
    }

    fn key((endpoint, id): &NotificationKey) -> Value {
        json!({ "endpoint": endpoint, "id": id })
    }
}
