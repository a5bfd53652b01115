//! Rows of events, and of what health shows.

use issuecommand_core::domain::event::{Details, Event};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber, Principal};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::sync::{SyncFailure, SyncFault};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::{StoreHealth, WithheldIssue};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::StoredRow;
use crate::json::{issue_number, parse, parse_enum, repo_name};

/// An event.
#[derive(Debug, FromRow)]
pub struct EventRow {
    seq: i64,
    kind: String,
    at: i64,
    principal: String,
    body: String,
}

/// The fields of an event that have no column of their own.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventBody {
    pub(crate) v: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) claim: Option<ClaimId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<WorkItemId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) repo: Option<RepoName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<IssueNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pull: Option<IssueNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<AgentId>,
    pub(crate) details: Details,
}

impl StoredRow for EventRow {
    type Value = Event;

    const TABLE: &'static str = "event";

    fn id(&self) -> String {
        self.seq.to_string()
    }

    fn value(self) -> Result<Event, StoreError> {
        let body: EventBody = parse(&self.body)?;
        Ok(Event {
            seq: self.seq,
            kind: parse_enum(&self.kind)?,
            timestamp: Timestamp(self.at),
            principal: Principal::from(self.principal),
            claim: body.claim,
            item: body.item,
            repo: body.repo,
            number: body.number,
            pull: body.pull,
            agent: body.agent,
            details: body.details,
        })
    }
}

/// A repository or an issue that the sync could not read.
#[derive(Debug, FromRow)]
pub struct SyncFailureRow {
    repo: Option<String>,
    number: Option<i64>,
    since: i64,
    reason: String,
}

impl StoredRow for SyncFailureRow {
    type Value = SyncFailure;

    const TABLE: &'static str = "sync_failure";

    fn id(&self) -> String {
        format!("{:?} {:?}", self.repo, self.number)
    }

    fn value(self) -> Result<SyncFailure, StoreError> {
        let fault = SyncFault {
            repo: self.repo.as_deref().map(repo_name).transpose()?,
            number: self.number.map(issue_number).transpose()?,
            reason: self.reason,
        };
        let since = Timestamp(self.since);
        Ok(SyncFailure { fault, since })
    }
}

/// An issue that is withheld because GitHub refuses to close it.
#[derive(Debug, FromRow)]
pub struct WithheldIssueRow {
    name: String,
    number: i64,
    doubt_at: i64,
}

impl StoredRow for WithheldIssueRow {
    type Value = WithheldIssue;

    const TABLE: &'static str = "issue";

    fn id(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }

    fn value(self) -> Result<WithheldIssue, StoreError> {
        Ok(WithheldIssue {
            repo: repo_name(&self.name)?,
            number: issue_number(self.number)?,
            since: Timestamp(self.doubt_at),
        })
    }
}

/// The counts that health shows.
#[derive(Debug, FromRow)]
pub struct HealthRow {
    total: i64,
    active: i64,
    agents: i64,
    stale: i64,
    last_sync: Option<i64>,
    outbox: i64,
    open_followups: i64,
    stale_followups: i64,
    deferred: i64,
    dead: i64,
    priority_source: Option<String>,
}

impl HealthRow {
    /// With what health lists besides.
    pub(crate) fn health(
        self,
        sync_failures: Vec<SyncFailure>,
        close_failed: Vec<WithheldIssue>,
    ) -> StoreHealth {
        StoreHealth {
            total_claims: self.total.cast_unsigned(),
            active_claims: self.active.cast_unsigned(),
            active_agents: self.agents.cast_unsigned(),
            stale_claims: self.stale.cast_unsigned(),
            last_sync: self.last_sync.map(Timestamp),
            sync_failures,
            outbox: self.outbox.cast_unsigned(),
            close_failed,
            open_followups: self.open_followups.cast_unsigned(),
            stale_followups: self.stale_followups.cast_unsigned(),
            deferred_deliveries: self.deferred.cast_unsigned(),
            dead_deliveries: self.dead.cast_unsigned(),
            priority_source: self.priority_source,
        }
    }
}
