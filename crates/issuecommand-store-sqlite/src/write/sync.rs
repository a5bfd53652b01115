//! Writing what the sync learned of itself: open pull requests, and what it could not read.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::engine::change::WriteBatch;
use sqlx::sqlite::SqliteConnection;

use crate::bulk::{Args, change, run};

/// Two lists of [repository, number]: those that are open, those that are no longer.
pub(crate) const PUT_PULLS: &str = "-- put_pulls
     INSERT OR IGNORE INTO open_pull (repo_id, number) SELECT value->>0, value->>1 FROM json_each(?);
     -- drop_pulls
     DELETE FROM open_pull WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?))";

pub(crate) const DROP_FAILURES: &str = "-- drop_failures
     DELETE FROM sync_failure";

/// ?1 [subject, repository, number, since, reason].
pub(crate) const PUT_FAILURES: &str = "-- put_failures
     INSERT INTO sync_failure (subject, repo, number, since, reason)
     SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM json_each(?1)";

pub(super) async fn all(
    conn: &mut SqliteConnection,
    writes: &WriteBatch,
) -> Result<(), StoreError> {
    if !writes.listed_pulls.is_empty() {
        let keys = |wanted: bool| -> Vec<_> {
            let of = writes.listed_pulls.iter();
            of.filter(|(_, open)| *open == wanted)
                .map(|(key, _)| key)
                .collect()
        };
        let args = Args::default().list(&keys(true))?.list(&keys(false))?;
        let _: [_; 2] = run(conn, PUT_PULLS, args).await?;
    }
    if let Some(failures) = &writes.sync_failures {
        change(conn, DROP_FAILURES, Args::default()).await?;
        let rows: Vec<_> = failures.iter().map(row).collect();
        change(conn, PUT_FAILURES, Args::default().list(&rows)?).await?;
    }
    Ok(())
}

fn row(failure: &SyncFailure) -> impl serde::Serialize {
    let SyncFailure { fault, since } = failure;
    (
        fault.to_string(),
        &fault.repo,
        fault.number,
        since,
        &fault.reason,
    )
}
