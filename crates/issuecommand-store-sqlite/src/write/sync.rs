//! Writing the open pull requests that the sync listed, and the failures of the sync.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::new_rows::NewRows;
use sqlx::sqlite::SqliteConnection;

use crate::statement::{Args, change, run};

/// Two lists of [repository, number]: those that are open, those that are open no longer.
pub(crate) const PUT_PULLS: &str = "-- put_pulls
     INSERT OR IGNORE INTO open_pull (repo_id, number) SELECT value->>0, value->>1 FROM json_each(?);
     -- drop_pulls
     DELETE FROM open_pull WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?))";

pub(crate) const DROP_FAILURES: &str = "-- drop_failures
     DELETE FROM sync_failure";

/// ?1 failures.
pub(crate) const PUT_FAILURES: &str = "-- put_failures
     INSERT INTO sync_failure (subject, repo, number, since, reason)
     SELECT value->>'subject', value->>'repo', value->>'number', value->>'since', value->>'reason' FROM jsonb_each(?1)";

pub(super) async fn put(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), StoreError> {
    if !rows.open_pulls.is_empty() || !rows.closed_pulls.is_empty() {
        let args = Args::default()
            .list(&rows.open_pulls)?
            .list(&rows.closed_pulls)?;
        let _: [_; 2] = run(conn, PUT_PULLS, args).await?;
    }
    if let Some(failures) = &rows.sync_failures {
        change(conn, DROP_FAILURES, Args::default()).await?;
        change(conn, PUT_FAILURES, Args::default().list(failures)?).await?;
    }
    Ok(())
}
