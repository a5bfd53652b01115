//! Answers to requests that carried an idempotency key.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::IdempotencyRecord;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{unversioned, versioned};
use crate::rows::StoredRow;

/// The answer to a request that carried an idempotency key.
#[derive(Debug, Serialize, Deserialize)]
pub struct IdempotencyRow {
    principal: String,
    key: String,
    request: String,
    answer: String,
    at: i64,
}

impl StoredRow for IdempotencyRow {
    type Value = IdempotencyRecord;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{} {:?}", self.principal, self.key)
    }

    fn value(self) -> Result<IdempotencyRecord, StoreError> {
        Ok(IdempotencyRecord {
            principal: Principal::from(self.principal),
            key: self.key,
            request: self.request,
            answer: unversioned(&self.answer)?,
            at: Timestamp(self.at),
        })
    }
}

impl PlainRow for IdempotencyRow {
    const PLAIN: PlainTable = plain_table!(
        "idempotency",
        ["principal", "key"],
        ["request", "answer", "at"]
    );

    fn of(record: &IdempotencyRecord) -> Result<Self, StoreError> {
        Ok(Self {
            principal: record.principal.clone().into(),
            key: record.key.clone(),
            request: record.request.clone(),
            answer: versioned(&record.answer)?,
            at: record.at.0,
        })
    }

    fn key((principal, key): &(Principal, String)) -> Value {
        json!({ "principal": principal, "key": key })
    }
}
