//! Loading what is looked at when a claim's link to a pull request is judged.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::PullKey;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;
use sqlx::sqlite::SqliteConnection;

use super::Found;
use crate::bulk::{Args, read, rows, run};
use crate::rows::followups::{PullOut, pull_columns};

/// [repository, number] pairs of pull requests, twice: the issues that they close, and those of the claims of whose agents' pull
/// requests they were one before another took its place.
pub(crate) const CLOSES: &str = "-- find_closes
     SELECT k.repo_id, k.issue FROM json_each(?) j
     CROSS JOIN pull_closes k ON k.repo_id = j.value->>0 AND k.number = j.value->>1
     UNION ALL
     SELECT c.repo_id, c.number FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_replaced ON c.link->>'$.value.replaces.pull[0]' = j.value->>0
       AND c.link->>'$.value.replaces.pull[1]' = j.value->>1";

/// [repository, number] pairs of issues, three times.
pub(crate) const CANDIDATES: &str = concat!(
    "-- load_candidates
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN pull_closes k INDEXED BY pull_closes_issue ON k.repo_id = j.value->>0 AND k.issue = j.value->>1
       AND k.candidate = 1
     CROSS JOIN pull_request p ON p.repo_id = k.repo_id AND p.number = k.number;
     -- load_linked_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN pull_request p ON p.repo_id = c.pull_repo_id AND p.number = c.pull_number;
     -- load_replaced_pulls
     SELECT ",
    pull_columns!(),
    " FROM json_each(?) j
     CROSS JOIN claim c INDEXED BY claim_active ON c.repo_id = j.value->>0 AND c.number = j.value->>1
       AND c.status NOT IN ('closed', 'released')
     CROSS JOIN pull_request p ON p.repo_id = c.link->>'$.value.replaces.pull[0]'
       AND p.number = c.link->>'$.value.replaces.pull[1]'"
);

/// The other pull requests that are looked at when a claim's link is judged: those that close its issue, and its own.
pub(super) async fn by_issue(
    conn: &mut SqliteConnection,
    needs: &ReadSet,
    loaded: &BTreeSet<PullKey>,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    if !needs.links || loaded.is_empty() {
        return Ok(());
    }
    let pulls: Vec<_> = loaded.iter().collect();
    let closes = rows(conn, CLOSES, Args::default().list(&pulls)?.list(&pulls)?).await?;
    found.keys.extend(super::keys(&closes)?);
    let keys: Vec<_> = found.keys.iter().collect();
    let args = Args::default().list(&keys)?.list(&keys)?.list(&keys)?;
    let [(candidates, _), (linked, _), (replaced, _)] = run(conn, CANDIDATES, args).await?;
    for rows in [candidates, linked, replaced] {
        for row in read::<PullOut>(&rows)? {
            view.load_pull(row.pull()?);
        }
    }
    Ok(())
}
