//! Rows of repositories and issues.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::issue::{
    Issue, IssueState, Milestone, MirroredIssue, WithheldReason,
};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::repo::{Repo, RepoSnapshot};
use issuecommand_core::domain::sync::{CountCheck, SyncFailure, SyncFault};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::OpenRow;
use sqlx::FromRow;

use super::{json, name, number, word};
use crate::error::unreadable;

/// The columns of [`RepoRow`], of `repo r`.
macro_rules! repo_columns {
    () => {
        "r.id, r.github_id, r.name, r.url, r.description, r.private, r.archived, r.open_count, r.offered, r.unseen, \
         r.synced_at, r.polled_at, r.watermark, r.etag, r.full_at, r.count_gap, r.count_runs"
    };
}

/// The columns of [`IssueRow`], of `issue i` and its `repo r`.
macro_rules! issue_columns {
    () => {
        "i.repo_id, r.name AS repo_name, i.number, i.rank, i.state, i.created_at, i.updated_at, i.checked_at, \
         coalesce(i.doubt_detail, i.doubt) AS doubt, \
         i.doubt_at, i.title, i.labels, i.assignees, i.milestone_number, i.milestone_title, i.author, i.url, i.etag, i.body"
    };
}

pub(crate) use {issue_columns, repo_columns};

#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
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
    unseen: bool,
    synced_at: Option<i64>,
    polled_at: Option<i64>,
    watermark: Option<i64>,
    etag: Option<String>,
    full_at: Option<i64>,
    count_gap: i64,
    count_runs: i64,
}

impl RepoRow {
    pub(crate) fn repo(self) -> Result<Repo, StoreError> {
        Ok(Repo {
            id: RepoId(self.id),
            facts: RepoSnapshot {
                github_id: self.github_id,
                name: name(&self.name)?,
                url: self.url,
                description: self.description,
                private: self.private,
                archived: self.archived,
                open_count: self.open_count,
            },
            offered: self.offered,
            unseen: self.unseen,
            synced_at: self.synced_at.map(Timestamp),
            polled_at: self.polled_at.map(Timestamp),
            watermark: self.watermark.map(Timestamp),
            etag: self.etag,
            full_at: self.full_at.map(Timestamp),
            counts: CountCheck {
                gap: self.count_gap,
                runs: u32::try_from(self.count_runs).map_err(unreadable)?,
            },
        })
    }
}

/// An issue that the mirror has as open.
#[derive(FromRow)]
pub(crate) struct OpenIssueRow {
    number: i64,
    checked_at: i64,
    doubt: Option<String>,
    etag: Option<String>,
}

impl OpenIssueRow {
    pub(crate) fn open(self) -> Result<OpenRow, StoreError> {
        Ok(OpenRow {
            number: number(self.number)?,
            checked_at: Timestamp(self.checked_at),
            doubt: self
                .doubt
                .as_deref()
                .map(word::<WithheldReason>)
                .transpose()?,
            etag: self.etag,
        })
    }
}

/// What the sync could not read.
#[derive(FromRow)]
pub(crate) struct SyncFailureRow {
    repo: Option<String>,
    number: Option<i64>,
    since: i64,
    reason: String,
}

impl SyncFailureRow {
    pub(crate) fn failure(self) -> Result<SyncFailure, StoreError> {
        let fault = SyncFault {
            repo: self.repo.as_deref().map(name).transpose()?,
            number: self.number.map(number).transpose()?,
            reason: self.reason,
        };
        let since = Timestamp(self.since);
        Ok(SyncFailure { fault, since })
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
        let doubt = self
            .doubt
            .as_deref()
            .map(word::<WithheldReason>)
            .transpose()?;
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
            rank: Priority::from_number(self.rank)
                .ok_or_else(|| unreadable(format!("rank {}", self.rank)))?,
            doubt: doubt.zip(self.doubt_at.map(Timestamp)),
            checked_at: Timestamp(self.checked_at),
            etag: self.etag,
        })
    }
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
