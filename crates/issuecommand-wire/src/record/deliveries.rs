//! What waits between here and GitHub, on the wire.

use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::ports::read_model::WaitingDelivery;
use schemars::JsonSchema;
use serde::Serialize;

/// A delivery of GitHub that could not be applied yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeliveryRecord {
    /// Names it in a call that tries it again.
    pub delivery_id: String,
    /// GitHub's own id of it, if one came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub github_id: Option<String>,
    /// GitHub's name of the event.
    pub event: String,
    /// When it arrived.
    pub received_at: String,
    /// How often it could not be applied.
    pub attempts: u32,
    /// `waiting`: it is tried again by itself; `dead`: it failed too often.
    #[schemars(extend("enum" = ["waiting", "dead"]))]
    pub state: &'static str,
    /// The last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A write to GitHub that is not done yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutboxRecord {
    /// Names it in a call that tries it again.
    pub write_id: String,
    /// What is written: `close_issue`.
    #[schemars(extend("enum" = ["close_issue"]))]
    pub kind: &'static str,
    /// `owner/name`.
    pub repo: String,
    /// The issue that is written to.
    pub issue_number: i64,
    /// How often it failed.
    pub attempts: u32,
    /// `waiting`: it is sent by itself when it is due; `failed`: it failed for good.
    #[schemars(extend("enum" = ["waiting", "failed"]))]
    pub state: &'static str,
    /// When it is sent next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// When it failed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<String>,
    /// The last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl From<&WaitingDelivery> for DeliveryRecord {
    fn from(delivery: &WaitingDelivery) -> Self {
        let dead = delivery.attempts >= StoredDelivery::MAX_ATTEMPTS;
        Self {
            delivery_id: delivery.id.clone(),
            github_id: delivery.delivery_id.clone(),
            event: delivery.event.clone(),
            received_at: delivery.received_at.to_string(),
            attempts: delivery.attempts,
            state: if dead { "dead" } else { "waiting" },
            error: delivery.error.clone(),
        }
    }
}

impl From<&OutboxEntry> for OutboxRecord {
    fn from(entry: &OutboxEntry) -> Self {
        let (repo, number) = entry.write.issue();
        let waits = entry.waits();
        Self {
            write_id: entry.id.0.to_string(),
            kind: entry.write.kind().as_str(),
            repo: repo.to_string(),
            issue_number: number.get(),
            attempts: entry.attempts,
            state: if waits { "waiting" } else { "failed" },
            due_at: waits.then(|| entry.due.to_string()),
            failed_at: entry.failed_at.map(|at| at.to_string()),
            error: entry.error.clone(),
        }
    }
}
