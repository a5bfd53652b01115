//! How open issues stand.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, RepoId};
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::standing::{Open, Standing, Trust};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{count, issue_number, parse, priority, text};
use crate::rows::StoredRow;

/// How an open issue stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct StandingRow {
    repo_id: i64,
    number: i64,
    rank: i64,
    created_at: i64,
    turn: i64,
    lane: String,
    /// The list of codes; NULL if there are none.
    reasons: Option<String>,
    /// The first of them.
    first: Option<String>,
    open_blockers: i64,
    hidden_blockers: i64,
    open_children: i64,
    hidden_children: i64,
    open_pulls: i64,
    due_at: Option<i64>,
    opened_at: i64,
    merged: Option<String>,
    /// NULL for an author who is trusted.
    trust: Option<String>,
    attempts: i64,
    parked: Option<String>,
    offered_at: Option<i64>,
}

impl StoredRow for StandingRow {
    type Value = Standing;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{}#{}", self.repo_id, self.number)
    }

    fn value(self) -> Result<Standing, StoreError> {
        let reasons: Option<ReasonSet> = self.reasons.as_deref().map(parse).transpose()?;
        let trust: Option<Trust> = self.trust.as_deref().map(parse).transpose()?;
        Ok(Standing {
            repo: RepoId(self.repo_id),
            number: issue_number(self.number)?,
            rank: priority(self.rank)?,
            created_at: Timestamp(self.created_at),
            turn: Timestamp(self.turn),
            lane: Lane::new(self.lane),
            reasons: reasons.unwrap_or_default(),
            open: Open {
                blockers: count(self.open_blockers)?,
                hidden_blockers: count(self.hidden_blockers)?,
                children: count(self.open_children)?,
                hidden_children: count(self.hidden_children)?,
                pulls: count(self.open_pulls)?,
            },
            due_at: self.due_at.map(Timestamp),
            opened_at: Timestamp(self.opened_at),
            merged: self.merged.as_deref().map(parse).transpose()?,
            trust: trust.unwrap_or_default(),
            attempts: count(self.attempts)?,
            parked: self.parked.as_deref().map(parse).transpose()?,
            offered_at: self.offered_at.map(Timestamp),
        })
    }
}

impl PlainRow for StandingRow {
    const PLAIN: PlainTable = plain_table!(
        "readiness",
        ["repo_id", "number"],
        [
            "rank",
            "created_at",
            "turn",
            "lane",
            "reasons",
            "first",
            "open_blockers",
            "hidden_blockers",
            "open_children",
            "hidden_children",
            "open_pulls",
            "due_at",
            "opened_at",
            "merged",
            "trust",
            "attempts",
            "parked",
            "offered_at"
        ]
    );

    fn of(standing: &Standing) -> Result<Self, StoreError> {
        let (reasons, open, trust) = (standing.reasons, standing.open, standing.trust);
        let is_plain = trust == Trust::default();
        Ok(Self {
            repo_id: standing.repo.0,
            number: standing.number.get(),
            rank: standing.rank.number(),
            created_at: standing.created_at.0,
            turn: standing.turn.0,
            lane: standing.lane.as_str().to_owned(),
            reasons: (!reasons.is_empty()).then(|| text(&reasons)).transpose()?,
            first: reasons.first().map(|code| code.as_str().to_owned()),
            open_blockers: open.blockers.into(),
            hidden_blockers: open.hidden_blockers.into(),
            open_children: open.children.into(),
            hidden_children: open.hidden_children.into(),
            open_pulls: open.pulls.into(),
            due_at: standing.due_at.map(|at| at.0),
            opened_at: standing.opened_at.0,
            merged: standing.merged.as_ref().map(text).transpose()?,
            trust: (!is_plain).then(|| text(&trust)).transpose()?,
            attempts: standing.attempts.into(),
            parked: standing.parked.as_ref().map(text).transpose()?,
            offered_at: standing.offered_at.map(|at| at.0),
        })
    }

    fn key((repo, number): &IssueKey) -> Value {
        json!({ "repo_id": repo.0, "number": number.get() })
    }
}
