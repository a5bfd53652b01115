//! Writes to GitHub.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{ClaimId, RepoId};
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId, Write};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainStatements, PlainTable};
use crate::json::{count, parse_uuid, repo_name, unversioned, versioned};
use crate::rows::StoredRow;

/// A write to GitHub.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct OutboxRow {
    id: String,
    #[sqlx(default)]
    kind: String,
    write: String,
    repo_id: Option<i64>,
    claim_id: Option<String>,
    coalesce_key: Option<String>,
    attempts: i64,
    due: i64,
    error: Option<String>,
    failed_at: Option<i64>,
    /// The present name of the repository, if the statement asks for it.
    #[serde(skip)]
    repo_name: Option<String>,
}

impl StoredRow for OutboxRow {
    type Value = OutboxEntry;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn value(self) -> Result<OutboxEntry, StoreError> {
        let write: Write = unversioned(&self.write)?;
        let claim = self.claim_id.as_deref().map(parse_uuid).transpose()?;
        Ok(OutboxEntry {
            id: OutboxId(parse_uuid(&self.id)?),
            write: match self.repo_name.as_deref() {
                Some(name) => write.in_repo(repo_name(name)?),
                None => write,
            },
            repo: self.repo_id.map(RepoId),
            claim: claim.map(ClaimId),
            coalesce_key: self.coalesce_key,
            attempts: count(self.attempts)?,
            due: Timestamp(self.due),
            error: self.error,
            failed_at: self.failed_at.map(Timestamp),
        })
    }
}

const TABLE: PlainTable = plain_table!(
    "outbox",
    ["id"],
    [
        "kind",
        "write",
        "repo_id",
        "claim_id",
        "coalesce_key",
        "attempts",
        "due",
        "error",
        "failed_at"
    ]
);

impl PlainRow for OutboxRow {
    // A newer write takes the place of a pending one of its kind and key.
    const PLAIN: PlainTable = PlainTable {
        sqlite: PlainStatements {
            before_put: Some(
                "-- coalesce_outbox
     DELETE FROM outbox WHERE failed_at IS NULL AND (kind, coalesce_key) IN (
         SELECT value->>'kind', value->>'coalesce_key' FROM jsonb_each(?) WHERE value->>'failed_at' IS NULL)",
            ),
            ..TABLE.sqlite
        },
        postgres: PlainStatements {
            before_put: Some(
                "-- coalesce_outbox
     DELETE FROM outbox o USING jsonb_populate_recordset(NULL::outbox, $1::jsonb) AS j
     WHERE o.kind = j.kind AND o.coalesce_key = j.coalesce_key AND o.id <> j.id AND o.failed_at IS NULL
         AND j.failed_at IS NULL",
            ),
            ..TABLE.postgres
        },
        ..TABLE
    };

    fn of(entry: &OutboxEntry) -> Result<Self, StoreError> {
        Ok(Self {
            id: entry.id.0.to_string(),
            kind: entry.write.kind().as_str().to_owned(),
            write: versioned(&entry.write)?,
            repo_id: entry.repo.map(|repo| repo.0),
            claim_id: entry.claim.map(|claim| claim.to_string()),
            coalesce_key: entry.coalesce_key.clone(),
            attempts: entry.attempts.into(),
            due: entry.due.0,
            error: entry.error.clone(),
            failed_at: entry.failed_at.map(|at| at.0),
            repo_name: None,
        })
    }

    fn key(id: &OutboxId) -> Value {
        json!({ "id": id.0 })
    }
}
