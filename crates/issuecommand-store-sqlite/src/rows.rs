//! Rows as they stand in the tables, and the core's values that they become.

pub(crate) mod followups;
pub(crate) mod keys;
mod mirror;

use issuecommand_core::domain::bounds::{HISTORY_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::{Claim, ClaimStatus, Link, StatusEntry};
use issuecommand_core::domain::event::{Details, Event, EventKind};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use issuecommand_core::domain::lease::Lease;
use issuecommand_core::domain::outbox::{OutboxEntry, OutboxId, Write};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::IdempotencyRecord;
use issuecommand_core::engine::command::Answer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::error::unreadable;

// The statements spell these out. A note that is one character too long tells that it was cut.
const _: () = assert!(HISTORY_MAX == 50 && NOTE_MAX == 8192);

/// One entry of a history: its place, the status, when, and the note.
type HistoryEntry = (usize, String, i64, Option<String>);

/// The columns of [`ClaimRow`], of `claim c` and its `repo r`.
macro_rules! claim_columns {
    () => {
        "c.claim_id, c.repo_id, r.name AS repo_name, c.number, c.agent_id, c.principal, c.title, c.labels, c.assignees, \
         c.status, c.before_stale, c.claimed_at, c.last_updated, c.pr_url, c.pull_repo_id, c.pull_number, c.notice, \
         c.pull_notice, c.github_closed_at, c.link, (SELECT json_group_array(json_array(s.n, s.status, s.timestamp, substr(s.note, 1, 8193)) ORDER BY s.n) \
          FROM claim_status s WHERE s.claim_n = c.n \
            AND s.n > (SELECT max(l.n) FROM claim_status l WHERE l.claim_n = c.n) - 50) AS history"
    };
}

pub(crate) use claim_columns;

pub(crate) use self::mirror::{
    IssueRow, OpenIssueRow, RepoRow, SyncFailureRow, issue_columns, label_tag, milestone_tag,
    repo_columns, tags,
};

#[derive(FromRow)]
pub(crate) struct ClaimRow {
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
    history: String,
}

impl ClaimRow {
    pub(crate) fn claim(self) -> Result<Claim, StoreError> {
        let entry = |(_, word, at, note): HistoryEntry| {
            let status = status(&word)?;
            let timestamp = Timestamp(at);
            Ok(StatusEntry {
                status,
                timestamp,
                note,
            })
        };
        let history: Vec<HistoryEntry> = json(&self.history)?;
        let earlier = history.first().map_or(0, |(place, ..)| *place);
        let pull_number = self.pull_number.map(number).transpose()?;
        Ok(Claim {
            id: ClaimId(uuid(&self.claim_id)?),
            agent: AgentId::parse(&self.agent_id).map_err(unreadable)?,
            principal: Principal::from(self.principal),
            repo: RepoId(self.repo_id),
            repo_name: name(&self.repo_name)?,
            number: number(self.number)?,
            title: self.title,
            labels: json(&self.labels)?,
            assignees: json(&self.assignees)?,
            status: status(&self.status)?,
            before_stale: self.before_stale.as_deref().map(status).transpose()?,
            claimed_at: Timestamp(self.claimed_at),
            last_updated: Timestamp(self.last_updated),
            history: history
                .into_iter()
                .map(entry)
                .collect::<Result<_, StoreError>>()?,
            earlier,
            pr_url: self.pr_url,
            pull: self.pull_repo_id.map(RepoId).zip(pull_number),
            notice: self.notice,
            pull_notice: self.pull_notice,
            github_closed_at: self.github_closed_at.map(Timestamp),
            link: link(self.link.as_deref())?,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct EventRow {
    seq: i64,
    kind: String,
    at: i64,
    principal: String,
    body: String,
}

/// What of an event has no column of its own.
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

impl EventRow {
    pub(crate) fn event(self) -> Result<Event, StoreError> {
        let body: EventBody = json(&self.body)?;
        Ok(Event {
            seq: self.seq,
            kind: word::<EventKind>(&self.kind)?,
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

#[derive(FromRow)]
pub(crate) struct LeaseRow {
    name: String,
    holder: String,
    epoch: i64,
    until: i64,
}

impl LeaseRow {
    pub(crate) fn lease(self) -> Lease {
        Lease {
            name: self.name,
            holder: self.holder,
            epoch: self.epoch,
            until: Timestamp(self.until),
        }
    }
}

/// A value kept as JSON, with the version of its form.
#[derive(Serialize, Deserialize)]
pub(crate) struct Versioned<T> {
    pub(crate) v: u32,
    pub(crate) value: T,
}

#[derive(FromRow)]
pub(crate) struct OutboxRow {
    id: String,
    write: String,
    claim_id: String,
    attempts: u32,
    due: i64,
    error: Option<String>,
}

impl OutboxRow {
    pub(crate) fn entry(self) -> Result<OutboxEntry, StoreError> {
        let write: Versioned<Write> = json(&self.write)?;
        Ok(OutboxEntry {
            id: OutboxId(uuid(&self.id)?),
            write: write.value,
            claim: ClaimId(uuid(&self.claim_id)?),
            attempts: self.attempts,
            due: Timestamp(self.due),
            error: self.error,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct RememberedRow {
    principal: String,
    key: String,
    request: String,
    answer: String,
    at: i64,
}

impl RememberedRow {
    pub(crate) fn remembered(self) -> Result<IdempotencyRecord, StoreError> {
        let answer: Versioned<Answer> = json(&self.answer)?;
        Ok(IdempotencyRecord {
            principal: Principal::from(self.principal),
            key: self.key,
            request: self.request,
            answer: answer.value,
            at: Timestamp(self.at),
        })
    }
}

fn link(text: Option<&str>) -> Result<Option<Link>, StoreError> {
    let link: Option<Versioned<Link>> = text.map(json).transpose()?;
    Ok(link.map(|link| link.value))
}

pub(crate) fn name(text: &str) -> Result<RepoName, StoreError> {
    RepoName::parse(text).map_err(|error| unreadable(format!("repository {text:?}: {error}")))
}

pub(crate) fn number(number: i64) -> Result<IssueNumber, StoreError> {
    IssueNumber::new(number).ok_or_else(|| unreadable(format!("issue number {number}")))
}

pub(crate) fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|error| unreadable(format!("id {text:?}: {error}")))
}

fn status(text: &str) -> Result<ClaimStatus, StoreError> {
    ClaimStatus::parse(text).ok_or_else(|| unreadable(format!("status {text:?}")))
}

pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(unreadable)
}

/// The word of an enum as core spells it for storage.
pub(crate) fn word_of(value: &impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(unreadable(format!("no word: {other:?}"))),
    }
}

/// Reads the word of an enum as core spells it for storage.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    let words = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text);
    T::deserialize(words).map_err(|error| unreadable(format!("word {text:?}: {error}")))
}
