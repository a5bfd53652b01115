//! How open issues stand.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::standing::Standing;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{issue_number, parse, priority, text};
use crate::rows::StoredRow;

/// How an open issue stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct StandingRow {
    repo_id: i64,
    number: i64,
    rank: i64,
    created_at: i64,
    lane: String,
    /// The list of codes; NULL if there are none.
    reasons: Option<String>,
    /// The first of them.
    first: Option<String>,
}

impl StoredRow for StandingRow {
    type Value = Standing;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{}#{}", self.repo_id, self.number)
    }

    fn value(self) -> Result<Standing, StoreError> {
        let reasons: Option<ReasonSet> = self.reasons.as_deref().map(parse).transpose()?;
        Ok(Standing {
            repo: RepoId(self.repo_id),
            number: issue_number(self.number)?,
            rank: priority(self.rank)?,
            created_at: Timestamp(self.created_at),
            lane: Lane::new(self.lane),
            reasons: reasons.unwrap_or_default(),
        })
    }
}

impl PlainRow for StandingRow {
    const PLAIN: PlainTable = plain_table!(
        "readiness",
        ["repo_id", "number"],
        ["rank", "created_at", "lane", "reasons", "first"]
    );

    fn of(standing: &Standing) -> Result<Self, StoreError> {
        let reasons = standing.reasons;
        Ok(Self {
            repo_id: standing.repo.0,
            number: standing.number.get(),
            rank: standing.rank.number(),
            created_at: standing.created_at.0,
            lane: standing.lane.as_str().to_owned(),
            reasons: (!reasons.is_empty()).then(|| text(&reasons)).transpose()?,
            first: reasons.first().map(|code| code.as_str().to_owned()),
        })
    }

    fn key((repo, number): &IssueKey) -> Value {
        json!({ "repo_id": repo.0, "number": number.get() })
    }
}
