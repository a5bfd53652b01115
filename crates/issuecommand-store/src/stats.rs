//! The counts for operators, by a statement that both databases understand.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::{Backlog, StatusCounts};

/// Selects rows of (what is counted, its status, how many, the earliest moment in milliseconds).
pub const STATS: &str = concat!(
    "-- stats
    SELECT 'claim' AS what, status, count(*) AS n, min(last_updated) AS since FROM claim
        WHERE status NOT IN ('closed', 'released') GROUP BY status
    UNION ALL SELECT 'followup', status, count(*), min(created_at) FROM followup
        WHERE status NOT IN ('done', 'dismissed') GROUP BY status
    UNION ALL SELECT 'shared issue', '', (",
    shared_issues!(),
    "), 0 UNION ALL SELECT 'shared pull', '', (",
    shared_pulls!(),
    "), 0 UNION ALL SELECT 'ready', '', count(*), 0 FROM queue"
);

/// One row of the answer to [`STATS`].
pub type StatsRow = (String, String, i64, i64);

/// Adds the rows up.
///
/// # Errors
/// [`StoreError::Corrupt`] for an unknown status.
pub fn status_counts(rows: Vec<StatsRow>) -> Result<StatusCounts, StoreError> {
    let mut counts = StatusCounts::default();
    for (what, status, n, since) in rows {
        let n = n.unsigned_abs();
        let no_status = || StoreError::Corrupt(format!("a {what} has the status {status:?}"));
        match what.as_str() {
            "claim" => {
                let status = ClaimStatus::parse(&status).ok_or_else(no_status)?;
                counts.claims.insert(status, n);
            }
            "followup" => {
                let status = FollowupStatus::parse(&status).ok_or_else(no_status)?;
                let since = Timestamp(since);
                counts.followups.insert(status, Backlog { count: n, since });
            }
            "shared issue" => counts.shared_issues = n,
            "ready" => counts.ready = n,
            _ => counts.shared_pulls = n,
        }
    }
    Ok(counts)
}
