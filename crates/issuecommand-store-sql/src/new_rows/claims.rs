//! Rows of claims and events.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Event, EventKind};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::session::SessionId;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::Sign;
use issuecommand_core::engine::fence::{ClaimWrite, Fence};
use serde::Serialize;

use crate::json::{text, versioned};
use crate::rows::EventBody;

/// The claims of a batch.
#[derive(Debug)]
pub struct ClaimRows<'a> {
    /// Claims that are there and change.
    pub moved: Vec<NewClaimRow<'a>>,
    /// New claims.
    pub made: Vec<NewClaimRow<'a>>,
    /// New entries of their histories.
    pub history: Vec<NewClaimStatusRow<'a>>,
}

impl<'a> ClaimRows<'a> {
    pub(super) fn of(writes: &'a [ClaimWrite]) -> Result<Self, StoreError> {
        let rows = |is_new: bool| {
            let of = writes
                .iter()
                .filter(|write| write.before.is_none() == is_new);
            of.map(|write| NewClaimRow::of(&write.row, write.before))
                .collect::<Result<_, _>>()
        };
        Ok(Self {
            moved: rows(false)?,
            made: rows(true)?,
            history: writes.iter().flat_map(NewClaimStatusRow::of).collect(),
        })
    }
}

/// A claim, with the status and the time that it must still have.
#[derive(Debug, Serialize)]
pub struct NewClaimRow<'a> {
    was: Option<ClaimStatus>,
    seen: Option<Timestamp>,
    claim_id: ClaimId,
    repo_id: RepoId,
    number: IssueNumber,
    agent_id: &'a AgentId,
    principal: &'a Principal,
    title: &'a str,
    labels: &'a [String],
    assignees: &'a [String],
    status: ClaimStatus,
    before_stale: Option<ClaimStatus>,
    claimed_at: Timestamp,
    last_updated: Timestamp,
    pr_url: Option<&'a str>,
    pull_repo_id: Option<RepoId>,
    pull_number: Option<IssueNumber>,
    notice: Option<&'a str>,
    pull_notice: Option<&'a str>,
    github_closed_at: Option<Timestamp>,
    link: Option<String>,
    session_id: Option<&'a SessionId>,
    signed_at: Timestamp,
}

impl<'a> NewClaimRow<'a> {
    fn of(claim: &'a Claim, before: Option<Fence<ClaimStatus>>) -> Result<Self, StoreError> {
        Ok(Self {
            was: before.map(|before| before.status),
            seen: before.map(|before| before.last_updated),
            claim_id: claim.id,
            repo_id: claim.repo,
            number: claim.number,
            agent_id: &claim.agent,
            principal: &claim.principal,
            title: &claim.title,
            labels: &claim.labels,
            assignees: &claim.assignees,
            status: claim.status,
            before_stale: claim.before_stale,
            claimed_at: claim.claimed_at,
            last_updated: claim.last_updated,
            pr_url: claim.pr_url.as_deref(),
            pull_repo_id: claim.pull.map(|(repo, _)| repo),
            pull_number: claim.pull.map(|(_, number)| number),
            notice: claim.notice.as_deref(),
            pull_notice: claim.pull_notice.as_deref(),
            github_closed_at: claim.github_closed_at,
            link: claim.link.as_ref().map(versioned).transpose()?,
            session_id: claim.session.as_ref(),
            signed_at: claim.signed_at,
        })
    }
}

/// An entry of a claim's history.
#[derive(Debug, Serialize)]
pub struct NewClaimStatusRow<'a> {
    claim_id: ClaimId,
    n: usize,
    status: ClaimStatus,
    timestamp: Timestamp,
    note: Option<&'a str>,
}

impl<'a> NewClaimStatusRow<'a> {
    fn of(write: &'a ClaimWrite) -> impl Iterator<Item = Self> {
        write.new_entries().map(|(n, entry)| Self {
            claim_id: write.row.id,
            n,
            status: entry.status,
            timestamp: entry.timestamp,
            note: entry.note.as_deref(),
        })
    }
}

/// An event. `n` counts those of a batch from 1.
#[derive(Debug, Serialize)]
pub struct NewEventRow<'a> {
    n: i64,
    kind: EventKind,
    at: Timestamp,
    principal: &'a Principal,
    /// The name of the repository in lower case.
    repo: Option<&'a str>,
    /// The number of the issue, or else of the pull request.
    subject: Option<IssueNumber>,
    agent_id: Option<&'a AgentId>,
    body: String,
}

impl<'a> NewEventRow<'a> {
    pub(super) fn of((n, event): (i64, &'a Event)) -> Result<Self, StoreError> {
        let body = EventBody {
            v: 1,
            claim: event.claim,
            item: event.item,
            repo: event.repo.clone(),
            number: event.number,
            pull: event.pull,
            agent: event.agent.clone(),
            details: event.details.clone(),
        };
        Ok(Self {
            n,
            kind: event.kind,
            at: event.timestamp,
            principal: &event.principal,
            repo: event.repo.as_ref().map(RepoName::key),
            subject: event.number.or(event.pull),
            agent_id: event.agent.as_ref(),
            body: text(&body)?,
        })
    }
}

/// A sign of life.
#[derive(Debug, Serialize)]
pub struct NewSignRow<'a> {
    agent_id: &'a AgentId,
    session_id: Option<&'a SessionId>,
    at: Timestamp,
    due: Timestamp,
}

impl<'a> NewSignRow<'a> {
    pub(super) fn of(sign: &'a Sign) -> Self {
        Self {
            agent_id: &sign.agent,
            session_id: sign.session.as_ref(),
            at: sign.at,
            due: sign.due(),
        }
    }
}
