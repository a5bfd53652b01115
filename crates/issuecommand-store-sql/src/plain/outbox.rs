//! Writes to GitHub that wait.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::ClaimId;
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{count, parse_uuid, unversioned, versioned};
use crate::rows::StoredRow;

/// A write to GitHub that waits.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct OutboxRow {
    id: String,
    write: String,
    claim_id: String,
    attempts: i64,
    due: i64,
    error: Option<String>,
}

impl StoredRow for OutboxRow {
    type Value = OutboxEntry;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn value(self) -> Result<OutboxEntry, StoreError> {
        Ok(OutboxEntry {
            id: OutboxId(parse_uuid(&self.id)?),
            write: unversioned(&self.write)?,
            claim: ClaimId(parse_uuid(&self.claim_id)?),
            attempts: count(self.attempts)?,
            due: Timestamp(self.due),
            error: self.error,
        })
    }
}

impl PlainRow for OutboxRow {
    const PLAIN: PlainTable = plain_table!(
        "outbox",
        ["id"],
        ["write", "claim_id", "attempts", "due", "error"]
    );

    fn of(entry: &OutboxEntry) -> Result<Self, StoreError> {
        Ok(Self {
            id: entry.id.0.to_string(),
            write: versioned(&entry.write)?,
            claim_id: entry.claim.to_string(),
            attempts: entry.attempts.into(),
            due: entry.due.0,
            error: entry.error.clone(),
        })
    }

    fn key(id: &OutboxId) -> Value {
        json!({ "id": id.0 })
    }
}
