//! Loading what is looked at when a claim's link to a pull request is judged.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::PullKey;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;

use super::Found;
use crate::bulk::{Args, Db};
use crate::rows::followups::{PullOut, pull_columns};

/// $1 and $2 repositories and numbers of pull requests: the issues that they close, and those of the claims of whose agents' pull
/// requests they were one before another took its place.
pub(crate) const CLOSES: &str = "-- find_closes
     SELECT k.repo_id, k.issue FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN pull_closes k ON k.repo_id = j.repo_id AND k.number = j.number
     UNION ALL
     SELECT c.repo_id, c.number FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.link::jsonb #>> '{value,replaces,pull,0}' IS NOT NULL
       AND (c.link::jsonb #>> '{value,replaces,pull,0}')::bigint = j.repo_id
       AND (c.link::jsonb #>> '{value,replaces,pull,1}')::bigint = j.number";

/// $1 and $2 repositories and numbers of issues.
pub(crate) const CANDIDATES: &str = concat!(
    "-- load_candidates
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, issue)
     JOIN pull_closes k ON k.repo_id = j.repo_id AND k.issue = j.issue AND k.candidate
     JOIN pull_request p ON p.repo_id = k.repo_id AND p.number = k.number"
);

/// $1 and $2 repositories and numbers of issues.
pub(crate) const LINKED_PULLS: &str = concat!(
    "-- load_linked_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')
     JOIN pull_request p ON p.repo_id = c.pull_repo_id AND p.number = c.pull_number"
);

/// $1 and $2 repositories and numbers of issues.
pub(crate) const REPLACED_PULLS: &str = concat!(
    "-- load_replaced_pulls
     SELECT ",
    pull_columns!(),
    " FROM unnest($1::bigint[], $2::bigint[]) AS j (repo_id, number)
     JOIN claim c ON c.repo_id = j.repo_id AND c.number = j.number AND c.status NOT IN ('closed', 'released')
     JOIN pull_request p ON p.repo_id = (c.link::jsonb #>> '{value,replaces,pull,0}')::bigint
       AND p.number = (c.link::jsonb #>> '{value,replaces,pull,1}')::bigint"
);

/// The other pull requests that are looked at when a claim's link is judged: those that close its issue, and its own.
pub(super) async fn by_issue(
    db: &mut Db<'_>,
    needs: &ReadSet,
    loaded: &BTreeSet<PullKey>,
    found: &mut Found,
    view: &mut View,
) -> Result<(), StoreError> {
    if !needs.links || loaded.is_empty() {
        return Ok(());
    }
    let closes = db.rows(CLOSES, Args::default().keys(loaded)?).await?;
    found.keys.extend(super::keys(&closes)?);
    if found.keys.is_empty() {
        return Ok(());
    }
    for sql in [CANDIDATES, LINKED_PULLS, REPLACED_PULLS] {
        let rows: Vec<PullOut> = db.read(sql, Args::default().keys(&found.keys)?).await?;
        for row in rows {
            view.load_pull(row.pull()?);
        }
    }
    Ok(())
}
