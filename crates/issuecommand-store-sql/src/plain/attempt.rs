//! Ended work on issues.

use issuecommand_core::domain::attempt::{Attempt, AttemptEnd, QuickReleases, ReleaseOutcome};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, ClaimId, RepoId};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::{agent_id, count, issue_number, parse_uuid};
use crate::rows::StoredRow;

/// An agent's work on an issue that ended without a merge.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct AttemptRow {
    claim_id: String,
    agent_id: String,
    repo_id: i64,
    number: i64,
    from_at: i64,
    to_at: i64,
    how: String,
    outcome: Option<String>,
    note: Option<String>,
    pr_url: Option<String>,
    counts: i64,
    gave_back: i64,
}

impl StoredRow for AttemptRow {
    type Value = Attempt;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{} of {}", self.claim_id, self.agent_id)
    }

    fn value(self) -> Result<Attempt, StoreError> {
        let outcome = |text: &str| {
            ReleaseOutcome::parse(text).ok_or_else(|| unreadable(format!("outcome {text:?}")))
        };
        Ok(Attempt {
            claim: ClaimId(parse_uuid(&self.claim_id)?),
            repo: RepoId(self.repo_id),
            number: issue_number(self.number)?,
            agent: agent_id(&self.agent_id)?,
            from: Timestamp(self.from_at),
            to: Timestamp(self.to_at),
            end: AttemptEnd::parse(&self.how)
                .ok_or_else(|| unreadable(format!("end {:?}", self.how)))?,
            outcome: self.outcome.as_deref().map(outcome).transpose()?,
            note: self.note,
            pr_url: self.pr_url,
            counts: self.counts != 0,
            gave_back: self.gave_back != 0,
        })
    }
}

impl PlainRow for AttemptRow {
    const PLAIN: PlainTable = plain_table!(
        "attempt",
        ["claim_id", "agent_id"],
        [
            "repo_id",
            "number",
            "from_at",
            "to_at",
            "how",
            "outcome",
            "note",
            "pr_url",
            "counts",
            "gave_back"
        ]
    );

    fn of(attempt: &Attempt) -> Result<Self, StoreError> {
        Ok(Self {
            claim_id: attempt.claim.to_string(),
            agent_id: attempt.agent.as_str().to_owned(),
            repo_id: attempt.repo.0,
            number: attempt.number.get(),
            from_at: attempt.from.0,
            to_at: attempt.to.0,
            how: attempt.end.as_str().to_owned(),
            outcome: attempt.outcome.map(|outcome| outcome.as_str().to_owned()),
            note: attempt.note.clone(),
            pr_url: attempt.pr_url.clone(),
            counts: attempt.counts.into(),
            gave_back: attempt.gave_back.into(),
        })
    }

    fn key((claim, agent): &(ClaimId, AgentId)) -> Value {
        json!({ "claim_id": claim.0, "agent_id": agent })
    }
}

/// How many issues in a row an agent gave back quickly.
#[derive(Debug, Serialize, Deserialize)]
pub struct QuickReleasesRow {
    agent_id: String,
    releases: i64,
    at: i64,
}

impl StoredRow for QuickReleasesRow {
    type Value = QuickReleases;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.agent_id.clone()
    }

    fn value(self) -> Result<QuickReleases, StoreError> {
        Ok(QuickReleases {
            agent: agent_id(&self.agent_id)?,
            count: count(self.releases)?,
            at: Timestamp(self.at),
        })
    }
}

impl PlainRow for QuickReleasesRow {
    const PLAIN: PlainTable = plain_table!("quick_release", ["agent_id"], ["releases", "at"]);

    fn of(row: &QuickReleases) -> Result<Self, StoreError> {
        Ok(Self {
            agent_id: row.agent.as_str().to_owned(),
            releases: row.count.into(),
            at: row.at.0,
        })
    }

    fn key(agent: &AgentId) -> Value {
        json!({ "agent_id": agent })
    }
}
