//! What agents hold, a line each.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::holding::{HeldWork, Holding};
use issuecommand_core::domain::id::ClaimId;
use issuecommand_core::domain::time::Timestamp;
use serde::Deserialize;

use crate::json::{issue_number, item_id, parse, parse_enum, parse_uuid, repo_name, session};

#[derive(Deserialize)]
struct HoldingRow {
    claim_id: Option<String>,
    work_item_id: Option<String>,
    repo_name: String,
    number: i64,
    status: String,
    stale_since: Option<i64>,
    alive_at: i64,
    session_id: Option<String>,
}

/// Reads one from its object.
pub(super) fn read(object: &str) -> Result<Holding, StoreError> {
    let row: HoldingRow = parse(object)?;
    let number = issue_number(row.number)?;
    let what = match row.claim_id {
        Some(id) => HeldWork::Claim {
            id: ClaimId(parse_uuid(&id)?),
            number,
            status: parse_enum(&row.status)?,
            stale_since: row.stale_since.map(Timestamp),
        },
        None => HeldWork::Followup {
            id: item_id(row.work_item_id.as_deref().unwrap_or_default())?,
            number,
            status: parse_enum(&row.status)?,
        },
    };
    Ok(Holding {
        what,
        repo: repo_name(&row.repo_name)?,
        alive_at: Timestamp(row.alive_at),
        session: session(row.session_id.as_deref())?,
    })
}
