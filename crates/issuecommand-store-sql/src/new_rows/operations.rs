//! Rows of what keeps the service running: leases, the outbox, idempotency keys, API keys, failures of the sync.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use issuecommand_core::domain::lease::Lease;
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::sync::SyncFailure;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::IdempotencyRecord;
use serde::Serialize;

use crate::json::{text, versioned};

/// A write to GitHub.
#[derive(Debug, Serialize)]
pub struct NewOutboxRow<'a> {
    id: OutboxId,
    kind: &'static str,
    write: String,
    repo_id: Option<RepoId>,
    claim_id: Option<ClaimId>,
    coalesce_key: Option<&'a str>,
    attempts: u32,
    due: Timestamp,
    error: Option<&'a str>,
    failed_at: Option<Timestamp>,
}

impl<'a> NewOutboxRow<'a> {
    pub(super) fn of(entry: &'a OutboxEntry) -> Result<Self, StoreError> {
        Ok(Self {
            id: entry.id,
            kind: entry.write.kind().as_str(),
            write: versioned(&entry.write)?,
            repo_id: entry.repo,
            claim_id: entry.claim,
            coalesce_key: entry.coalesce_key.as_deref(),
            attempts: entry.attempts,
            due: entry.due,
            error: entry.error.as_deref(),
            failed_at: entry.failed_at,
        })
    }
}

/// A lease.
#[derive(Debug, Serialize)]
pub struct NewLeaseRow<'a> {
    name: &'a str,
    holder: &'a str,
    epoch: i64,
    until: Timestamp,
}

impl<'a> NewLeaseRow<'a> {
    pub(super) fn of(lease: &'a Lease) -> Self {
        Self {
            name: &lease.name,
            holder: &lease.holder,
            epoch: lease.epoch,
            until: lease.until,
        }
    }
}

/// The answer to a request that carried an idempotency key.
#[derive(Debug, Serialize)]
pub struct NewIdempotencyRow<'a> {
    principal: &'a Principal,
    key: &'a str,
    request: &'a str,
    answer: String,
    at: Timestamp,
}

impl<'a> NewIdempotencyRow<'a> {
    pub(super) fn of(record: &'a IdempotencyRecord) -> Result<Self, StoreError> {
        Ok(Self {
            principal: &record.principal,
            key: &record.key,
            request: &record.request,
            answer: versioned(&record.answer)?,
            at: record.at,
        })
    }
}

/// An API key.
#[derive(Debug, Serialize)]
pub struct NewKeyRow<'a> {
    id: &'a str,
    name: &'a KeyName,
    hash: SecretHash,
    agent_id: Option<&'a AgentId>,
    read_only: bool,
    repos: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl<'a> NewKeyRow<'a> {
    pub(super) fn of(key: &'a AccessKey) -> Result<Self, StoreError> {
        let repos = match &key.scope {
            Scope::All => None,
            Scope::Only(repos) => {
                let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
                Some(text(&names)?)
            }
        };
        Ok(Self {
            id: &key.id,
            name: &key.name,
            hash: key.hash,
            agent_id: key.agent.as_ref(),
            read_only: key.read_only,
            repos,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        })
    }
}

/// A repository or an issue that the sync could not read.
#[derive(Debug, Serialize)]
pub struct NewSyncFailureRow<'a> {
    subject: String,
    repo: Option<&'a RepoName>,
    number: Option<IssueNumber>,
    since: Timestamp,
    reason: &'a str,
}

impl<'a> NewSyncFailureRow<'a> {
    pub(super) fn of(failure: &'a SyncFailure) -> Self {
        let SyncFailure { fault, since } = failure;
        Self {
            subject: fault.to_string(),
            repo: fault.repo.as_ref(),
            number: fault.number,
            since: *since,
            reason: &fault.reason,
        }
    }
}
