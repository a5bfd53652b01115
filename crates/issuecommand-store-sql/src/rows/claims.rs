//! Rows of claims.

use issuecommand_core::domain::bounds::{HISTORY_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::{Claim, ClaimStatus, StatusEntry};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, ClaimId, Principal, RepoId};
use issuecommand_core::domain::time::Timestamp;
use sqlx::FromRow;

use super::{StoredRow, history};
use crate::error::unreadable;
use crate::json::{issue_number, parse, parse_uuid, repo_name, session, unversioned_if_any};

// The columns spell these out. One character more than the limit shows that a note was cut.
const _: () = assert!(HISTORY_MAX == 50 && NOTE_MAX == 8192);

/// A claim with the end of its history. See [`claim_columns`](crate::claim_columns).
#[derive(Debug, FromRow)]
pub struct ClaimRow {
    claim_id: String,
    repo_id: i64,
    repo_name: String,
    number: i64,
    agent_id: String,
    principal: String,
    title: String,
    labels: String,
    assignees: String,
    status: String,
    before_stale: Option<String>,
    claimed_at: i64,
    last_updated: i64,
    pr_url: Option<String>,
    pull_repo_id: Option<i64>,
    pull_number: Option<i64>,
    notice: Option<String>,
    pull_notice: Option<String>,
    github_closed_at: Option<i64>,
    link: Option<String>,
    session_id: Option<String>,
    signed_at: i64,
    history: String,
}

impl StoredRow for ClaimRow {
    type Value = Claim;

    const TABLE: &'static str = "claim";

    fn id(&self) -> String {
        self.claim_id.clone()
    }

    fn value(self) -> Result<Claim, StoreError> {
        let (earlier, history) = history(&self.history, |text, timestamp, note| {
            let status = status(text)?;
            Ok(StatusEntry {
                status,
                timestamp,
                note,
            })
        })?;
        let pull_number = self.pull_number.map(issue_number).transpose()?;
        Ok(Claim {
            id: ClaimId(parse_uuid(&self.claim_id)?),
            agent: AgentId::parse(&self.agent_id).map_err(unreadable)?,
            principal: Principal::from(self.principal),
            repo: RepoId(self.repo_id),
            repo_name: repo_name(&self.repo_name)?,
            number: issue_number(self.number)?,
            title: self.title,
            labels: parse(&self.labels)?,
            assignees: parse(&self.assignees)?,
            status: status(&self.status)?,
            before_stale: self.before_stale.as_deref().map(status).transpose()?,
            claimed_at: Timestamp(self.claimed_at),
            last_updated: Timestamp(self.last_updated),
            history,
            earlier,
            pr_url: self.pr_url,
            pull: self.pull_repo_id.map(RepoId).zip(pull_number),
            notice: self.notice,
            pull_notice: self.pull_notice,
            github_closed_at: self.github_closed_at.map(Timestamp),
            link: unversioned_if_any(self.link.as_deref())?,
            session: session(self.session_id.as_deref())?,
            signed_at: Timestamp(self.signed_at),
            stale_at: None,
        })
    }
}

fn status(text: &str) -> Result<ClaimStatus, StoreError> {
    ClaimStatus::parse(text).ok_or_else(|| unreadable(format!("status {text:?}")))
}
