//! Rows of the events that follow-ups come from, and of deliveries.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, KnownSource, Resolution, SourceFacts, SourceId,
};
use issuecommand_core::domain::id::{PullKey, RepoId};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{Delivery, StoredDelivery};
use sqlx::FromRow;

use super::StoredRow;
use crate::error::unreadable;
use crate::json::{count, issue_number, item_id, parse_enum, unversioned, unversioned_if_any};

/// The facts of a feedback event. Rows from before this column was added tell them by how the event ended.
pub(super) fn feedback_facts(
    facts: Option<&str>,
    ended: Option<Resolution>,
    event: Option<&FeedbackEvent>,
) -> Result<SourceFacts, StoreError> {
    match facts {
        None => Ok(SourceFacts::recovered(ended, event)),
        Some(facts) => unversioned(facts),
    }
}

/// A row of `followup_source`, with the pull request of its follow-up where that is kept.
#[derive(Debug, FromRow)]
pub struct FeedbackEventRow {
    source_event_id: String,
    repo_id: i64,
    number: i64,
    work_item_id: Option<String>,
    ended: Option<String>,
    facts: Option<String>,
    data: Option<String>,
    item_repo: Option<i64>,
    item_number: Option<i64>,
}

/// What is known of a feedback event.
#[derive(Debug)]
pub struct LoadedFeedbackEvent {
    /// What became of it.
    pub source: KnownSource,
    /// Its text, while that is kept.
    pub event: Option<FeedbackEvent>,
    /// The pull request of its follow-up, while that is kept.
    pub pull: Option<PullKey>,
}

impl StoredRow for FeedbackEventRow {
    type Value = LoadedFeedbackEvent;

    const TABLE: &'static str = "followup_source";

    fn id(&self) -> String {
        self.source_event_id.clone()
    }

    fn value(self) -> Result<LoadedFeedbackEvent, StoreError> {
        let item_number = self.item_number.map(issue_number).transpose()?;
        let ended = self.ended.as_deref().map(parse_enum).transpose()?;
        let event: Option<FeedbackEvent> = unversioned_if_any(self.data.as_deref())?;
        let source = KnownSource {
            id: SourceId(self.source_event_id),
            pull: (RepoId(self.repo_id), issue_number(self.number)?),
            item: self.work_item_id.as_deref().map(item_id).transpose()?,
            ended,
            facts: feedback_facts(self.facts.as_deref(), ended, event.as_ref())?,
        };
        Ok(LoadedFeedbackEvent {
            source,
            event,
            pull: self.item_repo.map(RepoId).zip(item_number),
        })
    }
}

/// A delivery. SQLite keeps the body as text and PostgreSQL as bytes; both drivers read either as bytes.
#[derive(Debug, FromRow)]
pub struct StoredDeliveryRow {
    id: String,
    delivery_id: Option<String>,
    event: String,
    auth: String,
    received_at: i64,
    processed_at: Option<i64>,
    attempts: i64,
    error: Option<String>,
    body: Option<Vec<u8>>,
}

impl StoredRow for StoredDeliveryRow {
    type Value = StoredDelivery;

    const TABLE: &'static str = "delivery";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn value(self) -> Result<StoredDelivery, StoreError> {
        let body = self.body.map(String::from_utf8).transpose();
        Ok(StoredDelivery {
            id: self.id,
            delivery: Delivery {
                id: self.delivery_id,
                event: self.event,
                auth: parse_enum(&self.auth)?,
            },
            body: body.map_err(unreadable)?,
            received_at: Timestamp(self.received_at),
            processed_at: self.processed_at.map(Timestamp),
            attempts: count(self.attempts)?,
            error: self.error,
        })
    }
}
