//! Feedback that is kept from agents.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{HeldFeedback, SourceId};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{boolean, issue_number, unversioned, versioned};
use crate::rows::StoredRow;

/// A review or comment that is kept from agents.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeldFeedbackRow {
    source_event_id: String,
    repo_id: i64,
    number: i64,
    #[serde(deserialize_with = "boolean")]
    bot: bool,
    at: i64,
    data: String,
}

impl StoredRow for HeldFeedbackRow {
    type Value = HeldFeedback;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.source_event_id.clone()
    }

    fn value(self) -> Result<HeldFeedback, StoreError> {
        Ok(HeldFeedback {
            pull: (RepoId(self.repo_id), issue_number(self.number)?),
            source: unversioned(&self.data)?,
            bot: self.bot,
            at: Timestamp(self.at),
        })
    }
}

impl PlainRow for HeldFeedbackRow {
    const PLAIN: PlainTable = plain_table!(
        "held_feedback",
        ["source_event_id"],
        ["repo_id", "number", "bot", "at", "data"]
    );

    fn of(held: &HeldFeedback) -> Result<Self, StoreError> {
        Ok(Self {
            source_event_id: held.id().to_string(),
            repo_id: held.pull.0.0,
            number: held.pull.1.get(),
            bot: held.bot,
            at: held.at.0,
            data: versioned(&held.source)?,
        })
    }

    fn key(id: &SourceId) -> Value {
        json!({ "source_event_id": id.to_string() })
    }
}
