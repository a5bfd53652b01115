//! Writing the open pull requests that the sync listed, and the failures of the sync.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::new_rows::NewRows;

use super::{change_keys, put};
use crate::statement::{Args, Db};

/// $1 and $2 repositories and numbers.
pub(crate) const PUT_PULLS: &str = "-- put_pulls
     INSERT INTO open_pull (repo_id, number) SELECT repo_id, number FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     ON CONFLICT DO NOTHING";

/// $1 and $2 repositories and numbers.
pub(crate) const DROP_PULLS: &str = "-- drop_pulls
     DELETE FROM open_pull p USING unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     WHERE p.repo_id = j.repo_id AND p.number = j.number";

pub(crate) const DROP_FAILURES: &str = "-- drop_failures
     DELETE FROM sync_failure";

/// $1 failures as objects.
pub(crate) const PUT_FAILURES: &str = "-- put_failures
     INSERT INTO sync_failure (subject, repo, number, since, reason)
     SELECT subject, repo, number, since, reason FROM jsonb_populate_recordset(NULL::sync_failure, $1::jsonb)";

pub(super) async fn put_all(db: &mut Db<'_>, rows: &NewRows<'_>) -> Result<(), StoreError> {
    change_keys(db, PUT_PULLS, &rows.open_pulls).await?;
    change_keys(db, DROP_PULLS, &rows.closed_pulls).await?;
    if let Some(failures) = &rows.sync_failures {
        db.change(DROP_FAILURES, Args::default()).await?;
        put(db, PUT_FAILURES, failures).await?;
    }
    Ok(())
}
