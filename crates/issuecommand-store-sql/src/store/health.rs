//! The numbers of the health report.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::ports::store::StoreHealth;

use super::{Args as _, Database, SqlStore};
use crate::error::unreadable;
use crate::rows::{HealthRow, SyncFailureRow, WithheldIssueRow};

impl<D: Database> SqlStore<D> {
    pub(super) async fn counted_health(&self, scope: &Scope) -> Result<StoreHealth, StoreError> {
        let (sql, args) = match scope {
            Scope::All => (
                D::STATEMENTS.health,
                D::Args::default().number(i64::from(StoredDelivery::MAX_ATTEMPTS))?,
            ),
            Scope::Only(_) => (D::STATEMENTS.health_of, D::Args::default().scope(scope)?),
        };
        let counts: Vec<HealthRow> = self.database.ask(sql, args).await?;
        let counts = counts.into_iter().next().ok_or_else(no_meta)?;
        let args = D::Args::default().scope(scope)?;
        let failures = self.all::<SyncFailureRow>(D::STATEMENTS.sync_failures, args);
        let failures = failures.await?;
        let listed = i64::try_from(StoreHealth::LISTED).unwrap_or(i64::MAX);
        let args = D::Args::default().scope(scope)?.number(listed)?;
        let close_failed = self.all::<WithheldIssueRow>(D::STATEMENTS.close_failed, args);
        Ok(counts.health(failures, close_failed.await?))
    }
}

pub(super) fn no_meta() -> StoreError {
    unreadable("the table meta is empty")
}
