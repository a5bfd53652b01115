//! Writing what the sync learned of itself: open pull requests, and what it could not read.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueNumber, PullKey};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::WriteBatch;
use serde::Serialize;

use super::put;
use crate::bulk::{Args, Db};

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

#[derive(Serialize)]
struct FailureOut<'a> {
    subject: String,
    repo: Option<&'a RepoName>,
    number: Option<IssueNumber>,
    since: Timestamp,
    reason: &'a str,
}

pub(super) async fn all(db: &mut Db<'_>, writes: &WriteBatch) -> Result<(), StoreError> {
    for (sql, wanted) in [(PUT_PULLS, true), (DROP_PULLS, false)] {
        let of = writes.listed_pulls.iter();
        let keys: Vec<&PullKey> = of
            .filter(|(_, open)| *open == wanted)
            .map(|(key, _)| key)
            .collect();
        if !keys.is_empty() {
            db.change(sql, Args::default().keys(keys)?).await?;
        }
    }
    if let Some(failures) = &writes.sync_failures {
        db.change(DROP_FAILURES, Args::default()).await?;
        let rows: Vec<_> = failures.iter().map(row).collect();
        put(db, PUT_FAILURES, &rows).await?;
    }
    Ok(())
}

fn row(failure: &SyncFailure) -> FailureOut<'_> {
    let SyncFailure { fault, since } = failure;
    FailureOut {
        subject: fault.to_string(),
        repo: fault.repo.as_ref(),
        number: fault.number,
        since: *since,
        reason: &fault.reason,
    }
}
