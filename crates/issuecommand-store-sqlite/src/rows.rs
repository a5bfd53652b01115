//! Rows as they stand in the tables, and the core's values that they become.

pub(crate) mod followups;

use issuecommand_core::change::Remembered;
use issuecommand_core::claim::{Claim, ClaimStatus, StatusEntry};
use issuecommand_core::command::Answer;
use issuecommand_core::event::{Details, Event, EventKind};
use issuecommand_core::failure::StoreError;
use issuecommand_core::followup::WorkItemId;
use issuecommand_core::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
use issuecommand_core::issue::{Doubt, Issue, IssueState, Milestone, MirroredIssue};
use issuecommand_core::lease::Lease;
use issuecommand_core::outbox::{OutboxEntry, OutboxId, Write};
use issuecommand_core::priority::Rank;
use issuecommand_core::repo::{Repo, RepoFacts, RepoName};
use issuecommand_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::error::unreadable;

/// The columns of [`RepoRow`], of `repo r`.
macro_rules! repo_columns {
    () => {
        "r.id, r.github_id, r.name, r.url, r.description, r.private, r.archived, r.open_count, r.offered, r.synced_at, \
         r.polled_at, r.watermark, r.etag"
    };
}

/// The columns of [`IssueRow`], of `issue i` and its `repo r`.
macro_rules! issue_columns {
    () => {
        "i.repo_id, r.name AS repo_name, i.number, i.rank, i.state, i.created_at, i.updated_at, i.checked_at, i.doubt, \
         i.doubt_at, i.title, i.labels, i.assignees, i.milestone_number, i.milestone_title, i.author, i.url, i.etag, i.body"
    };
}

/// The columns of [`ClaimRow`], of `claim c` and its `repo r`.
macro_rules! claim_columns {
    () => {
        "c.claim_id, c.repo_id, r.name AS repo_name, c.number, c.agent_id, c.principal, c.title, c.labels, c.assignees, \
         c.status, c.before_stale, c.claimed_at, c.last_updated, c.pr_url, c.pull_repo_id, c.pull_number, c.notice, \
         c.pull_notice, (SELECT json_group_array(json_array(s.status, s.timestamp, s.note) ORDER BY s.n) \
          FROM claim_status s WHERE s.claim_n = c.n) AS history"
    };
}

pub(crate) use {claim_columns, issue_columns, repo_columns};

#[derive(FromRow)]
pub(crate) struct RepoRow {
    id: i64,
    github_id: i64,
    name: String,
    url: String,
    description: Option<String>,
    private: bool,
    archived: bool,
    open_count: i64,
    offered: bool,
    synced_at: Option<i64>,
    polled_at: Option<i64>,
    watermark: Option<i64>,
    etag: Option<String>,
}

impl RepoRow {
    pub(crate) fn repo(self) -> Result<Repo, StoreError> {
        Ok(Repo {
            id: RepoId(self.id),
            facts: RepoFacts {
                github_id: self.github_id,
                name: name(&self.name)?,
                url: self.url,
                description: self.description,
                private: self.private,
                archived: self.archived,
                open_count: self.open_count,
            },
            offered: self.offered,
            synced_at: self.synced_at.map(Timestamp),
            polled_at: self.polled_at.map(Timestamp),
            watermark: self.watermark.map(Timestamp),
            etag: self.etag,
        })
    }
}

#[derive(FromRow)]
pub(crate) struct IssueRow {
    repo_id: i64,
    repo_name: String,
    number: i64,
    rank: i64,
    state: String,
    created_at: i64,
    updated_at: i64,
    checked_at: i64,
    doubt: Option<String>,
    doubt_at: Option<i64>,
    title: String,
    labels: String,
    assignees: String,
    milestone_number: Option<i64>,
    milestone_title: Option<String>,
    author: Option<String>,
    url: String,
    etag: Option<String>,
    body: String,
}

impl IssueRow {
    pub(crate) fn issue(self) -> Result<MirroredIssue, StoreError> {
        let milestone = self.milestone_number.zip(self.milestone_title);
        let doubt = self.doubt.as_deref().map(word::<Doubt>).transpose()?;
        Ok(MirroredIssue {
            repo: RepoId(self.repo_id),
            repo_name: name(&self.repo_name)?,
            facts: Issue {
                number: number(self.number)?,
                title: self.title,
                body: self.body,
                state: word::<IssueState>(&self.state)?,
                labels: json(&self.labels)?,
                assignees: json(&self.assignees)?,
                milestone: milestone.map(|(number, title)| Milestone { number, title }),
                author: self.author,
                created_at: Timestamp(self.created_at),
                updated_at: Timestamp(self.updated_at),
                url: self.url,
            },
            rank: Rank::from_number(self.rank)
                .ok_or_else(|| unreadable(format!("rank {}", self.rank)))?,
            doubt: doubt.zip(self.doubt_at.map(Timestamp)),
            checked_at: Timestamp(self.checked_at),
            etag: self.etag,
        })
    }
}

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
    history: String,
}

impl ClaimRow {
    pub(crate) fn claim(self) -> Result<Claim, StoreError> {
        let entry = |(word, at, note): (String, i64, Option<String>)| {
            let status = status(&word)?;
            let timestamp = Timestamp(at);
            Ok(StatusEntry {
                status,
                timestamp,
                note,
            })
        };
        let history: Vec<(String, i64, Option<String>)> = json(&self.history)?;
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
            pr_url: self.pr_url,
            pull: self.pull_repo_id.map(RepoId).zip(pull_number),
            notice: self.notice,
            pull_notice: self.pull_notice,
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
    pub(crate) fn remembered(self) -> Result<Remembered, StoreError> {
        let answer: Versioned<Answer> = json(&self.answer)?;
        Ok(Remembered {
            principal: Principal::from(self.principal),
            key: self.key,
            request: self.request,
            answer: answer.value,
            at: Timestamp(self.at),
        })
    }
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

fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(unreadable)
}

/// What filters look for in an issue; nothing in a closed one.
pub(crate) fn tags(issue: &Issue) -> impl Iterator<Item = String> {
    let open = issue.state == IssueState::Open;
    let labels = issue
        .labels
        .iter()
        .map(|label| label_tag(&label.to_lowercase()));
    let milestone = issue.milestone.iter().flat_map(|milestone| {
        [
            milestone_tag(&milestone.title.to_lowercase()),
            milestone_tag(&milestone.number.to_string()),
        ]
    });
    labels.chain(milestone).filter(move |_| open)
}

/// The tag of a label in lower case.
pub(crate) fn label_tag(label: &str) -> String {
    format!("l:{label}")
}

/// The tag of a milestone's title in lower case, or of its number.
pub(crate) fn milestone_tag(milestone: &str) -> String {
    format!("m:{milestone}")
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
