//! Reading the earlier service's tables. The records are JSON in `payload_json`; the other columns only index them.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteConnection;

use super::records::{ClaimRecord, FollowupRecord};
use crate::error::unreadable;
use crate::statement::{Args, change, rows};

const CHECK: &str = "-- integrity
     PRAGMA integrity_check(5)";

const TABLES: &str = "-- tables
     SELECT name FROM sqlite_schema WHERE type = 'table'";

const STATE: &str = "-- state
     SELECT total_claims, last_github_sync_at FROM claim_runtime_state WHERE id = 1";

/// The tables with the statement that reads each.
const ACTIVE_CLAIMS: (&str, &str) = (
    "claim_active",
    "-- active_claims
     SELECT claim_id, payload_json FROM claim_active ORDER BY claim_id",
);
const ENDED_CLAIMS: (&str, &str) = (
    "claim_history",
    "-- ended_claims
     SELECT claim_id, payload_json FROM claim_history ORDER BY history_index",
);
const OPEN_FOLLOWUPS: (&str, &str) = (
    "followup_active",
    "-- open_followups
     SELECT work_item_id, payload_json FROM followup_active ORDER BY work_item_id",
);
const ENDED_FOLLOWUPS: (&str, &str) = (
    "followup_history",
    "-- ended_followups
     SELECT work_item_id, payload_json FROM followup_history ORDER BY history_index",
);
const SEEN: (&str, &str) = (
    "followup_seen_source_events",
    "-- seen
     SELECT source_event_id, seen_at FROM followup_seen_source_events ORDER BY source_event_id",
);
const DELIVERIES: (&str, &str) = (
    "webhook_deliveries",
    "-- deliveries
     SELECT delivery_id, seen_at FROM webhook_deliveries ORDER BY delivery_id",
);

/// The contents of the earlier service's database.
pub(super) struct LegacyDatabase {
    pub(super) total_claims: u64,
    pub(super) last_sync: Option<Timestamp>,
    pub(super) active_claims: Vec<ClaimRecord>,
    pub(super) ended_claims: Vec<ClaimRecord>,
    pub(super) open_followups: Vec<FollowupRecord>,
    pub(super) ended_followups: Vec<FollowupRecord>,
    /// The ids of processed events, with the time.
    pub(super) seen: Vec<(String, Timestamp)>,
    /// The ids of processed deliveries, with the time.
    pub(super) deliveries: Vec<(String, Timestamp)>,
}

impl LegacyDatabase {
    /// Reads a snapshot. Early versions of the service did not have all of the tables.
    pub(super) async fn read(conn: &mut SqliteConnection) -> Result<Self, StoreError> {
        change(conn, "BEGIN", Args::default()).await?;
        let old = Self::read_all(conn).await;
        let ended = change(conn, "ROLLBACK", Args::default()).await;
        let old = old?;
        ended?;
        Ok(old)
    }

    async fn read_all(conn: &mut SqliteConnection) -> Result<Self, StoreError> {
        let faults: Vec<(String,)> = rows(conn, CHECK, Args::default()).await?;
        if let Some((fault,)) = faults.into_iter().find(|(fault,)| fault != "ok") {
            return Err(unreadable(format!("SQLite finds it damaged: {fault}")));
        }
        let tables: Vec<(String,)> = rows(conn, TABLES, Args::default()).await?;
        let tables: Vec<String> = tables.into_iter().map(|(name,)| name).collect();
        let state: Vec<(i64, Option<String>)> =
            if tables.iter().any(|name| name == "claim_runtime_state") {
                rows(conn, STATE, Args::default()).await?
            } else {
                Vec::new()
            };
        let (total, last_sync) = state.into_iter().next().unwrap_or((0, None));
        let last_sync = last_sync.map(|text| moment("claim_runtime_state", "1", &text));
        Ok(Self {
            total_claims: u64::try_from(total).unwrap_or(0),
            last_sync: last_sync.transpose()?,
            active_claims: records(conn, &tables, ACTIVE_CLAIMS).await?,
            ended_claims: records(conn, &tables, ENDED_CLAIMS).await?,
            open_followups: records(conn, &tables, OPEN_FOLLOWUPS).await?,
            ended_followups: records(conn, &tables, ENDED_FOLLOWUPS).await?,
            seen: moments(conn, &tables, SEEN).await?,
            deliveries: moments(conn, &tables, DELIVERIES).await?,
        })
    }
}

async fn pairs(
    conn: &mut SqliteConnection,
    tables: &[String],
    (table, sql): (&'static str, &'static str),
) -> Result<Vec<(String, String)>, StoreError> {
    if !tables.iter().any(|name| name == table) {
        return Ok(Vec::new());
    }
    rows(conn, sql, Args::default()).await
}

async fn records<T: DeserializeOwned>(
    conn: &mut SqliteConnection,
    tables: &[String],
    from: (&'static str, &'static str),
) -> Result<Vec<T>, StoreError> {
    let found = pairs(conn, tables, from).await?.into_iter();
    let record = |(id, text): (String, String)| {
        serde_json::from_str(&text).map_err(|error| {
            unreadable(format!(
                "the record {id} of its table {} is none: {error}",
                from.0
            ))
        })
    };
    found.map(record).collect()
}

async fn moments(
    conn: &mut SqliteConnection,
    tables: &[String],
    from: (&'static str, &'static str),
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let found = pairs(conn, tables, from).await?.into_iter();
    found
        .map(|(id, text)| Ok((id.clone(), moment(from.0, &id, &text)?)))
        .collect()
}

fn moment(table: &str, id: &str, text: &str) -> Result<Timestamp, StoreError> {
    Timestamp::parse(text).ok_or_else(|| {
        unreadable(format!(
            "the row {id} of its table {table} has {text:?} for a time"
        ))
    })
}
