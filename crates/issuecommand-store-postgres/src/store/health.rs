//! How the database is, and what it counts.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::ports::store::{StoreCondition, StoreHealth, WithheldIssue};
use issuecommand_store::steps_of_text;
use sqlx::FromRow;

use super::{PostgresStore, scope, sql};
use crate::bulk::Args;
use crate::error::unreadable;
use crate::rows::{SyncFailureRow, name, number};

#[derive(FromRow)]
struct Row {
    total: i64,
    active: i64,
    agents: i64,
    stale: i64,
    last_sync: Option<i64>,
    outbox: i64,
    open_followups: i64,
    stale_followups: i64,
    deferred: i64,
    dead: i64,
    priority_source: Option<String>,
}

impl PostgresStore {
    /// See [`Store::health`].
    pub(super) async fn counted(&self, within: &Scope) -> Result<StoreHealth, StoreError> {
        let (sql, args) = match scope(within) {
            None => (
                sql::HEALTH,
                Args::default().with(i64::from(StoredDelivery::MAX_ATTEMPTS))?,
            ),
            Some(keys) => (sql::HEALTH_OF, Args::default().with(keys)?),
        };
        let rows: Vec<Row> = self.ask(sql, args).await?;
        let row = rows
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("the table meta is empty"))?;
        let failures = Args::default().with(scope(within))?;
        let failures: Vec<SyncFailureRow> = self.ask(sql::SYNC_FAILURES_OF, failures).await?;
        let failures = failures.into_iter().map(SyncFailureRow::failure);
        Ok(StoreHealth {
            total_claims: row.total.cast_unsigned(),
            active_claims: row.active.cast_unsigned(),
            active_agents: row.agents.cast_unsigned(),
            stale_claims: row.stale.cast_unsigned(),
            last_sync: row.last_sync.map(Timestamp),
            sync_failures: failures.collect::<Result<_, _>>()?,
            outbox: row.outbox.cast_unsigned(),
            close_failed: self.close_failed(within).await?,
            open_followups: row.open_followups.cast_unsigned(),
            stale_followups: row.stale_followups.cast_unsigned(),
            deferred_deliveries: row.deferred.cast_unsigned(),
            dead_deliveries: row.dead.cast_unsigned(),
            priority_source: row.priority_source,
        })
    }

    /// See [`Store::condition`].
    pub(super) async fn looked_at(&self) -> Result<StoreCondition, StoreError> {
        let rows: Vec<(i64, Option<String>)> = self.ask(sql::CONDITION, Args::default()).await?;
        let (last, clock) = rows
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("the table meta is empty"))?;
        Ok(StoreCondition {
            last: Timestamp(last),
            steps: steps_of_text(clock.as_deref())?,
            unwritable: self.writer.unwritable(),
        })
    }

    /// The issues of [`StoreHealth::close_failed`].
    pub(super) async fn close_failed(
        &self,
        within: &Scope,
    ) -> Result<Vec<WithheldIssue>, StoreError> {
        let most = i64::try_from(StoreHealth::LISTED).unwrap_or(i64::MAX);
        let args = Args::default().with(scope(within))?.with(most)?;
        let rows: Vec<(String, i64, i64)> = self.ask(sql::CLOSE_FAILED, args).await?;
        let withheld = |(repo, n, since): (String, i64, i64)| {
            Ok(WithheldIssue {
                repo: name(&repo)?,
                number: number(n)?,
                since: Timestamp(since),
            })
        };
        rows.into_iter().map(withheld).collect()
    }
}
