//! Rows of repositories and issues.

use std::collections::BTreeSet;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, IssueNumber, RepoId};
use issuecommand_core::domain::issue::{
    Issue, IssueFilter, IssueState, MirroredIssue, WithheldReason,
};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::change::CountedAs;
use serde::Serialize;

use super::rows;
use crate::json::text;

/// A repository.
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
#[derive(Debug, Serialize)]
pub struct NewRepoRow<'a> {
    id: RepoId,
    github_id: i64,
    name: &'a str,
    key: &'a str,
    url: &'a str,
    description: Option<&'a str>,
    private: bool,
    archived: bool,
    open_count: i64,
    known_at: Timestamp,
    offered: bool,
    unseen: bool,
    synced_at: Option<Timestamp>,
    polled_at: Option<Timestamp>,
    watermark: Option<Timestamp>,
    etag: Option<&'a str>,
    full_at: Option<Timestamp>,
    count_gap: i64,
    count_runs: u32,
}

impl<'a> NewRepoRow<'a> {
    pub(super) fn of(repo: &'a Repo) -> Self {
        Self {
            id: repo.id,
            github_id: repo.facts.github_id,
            name: repo.facts.name.as_str(),
            key: repo.facts.name.key(),
            url: &repo.facts.url,
            description: repo.facts.description.as_deref(),
            private: repo.facts.private,
            archived: repo.facts.archived,
            open_count: repo.facts.open_count,
            known_at: repo.known_at,
            offered: repo.offered,
            unseen: repo.unseen,
            synced_at: repo.synced_at,
            polled_at: repo.polled_at,
            watermark: repo.watermark,
            etag: repo.etag.as_deref(),
            full_at: repo.full_at,
            count_gap: repo.counts.gap,
            count_runs: repo.counts.runs,
        }
    }
}

/// The issues of a batch, to insert or replace.
#[derive(Debug)]
pub struct IssueRows<'a> {
    /// Their keys.
    pub keys: Vec<IssueKey>,
    /// The rows to insert or replace.
    pub issues: Vec<NewIssueRow<'a>>,
    /// What filters look for, instead of what is there for these keys.
    pub tags: Vec<NewIssueTagRow>,
}

impl<'a> IssueRows<'a> {
    pub(super) fn of(issues: &'a [MirroredIssue]) -> Result<Self, StoreError> {
        Ok(Self {
            keys: issues.iter().map(MirroredIssue::key).collect(),
            issues: rows(issues, NewIssueRow::of)?,
            tags: issues.iter().flat_map(NewIssueTagRow::of).collect(),
        })
    }
}

/// An issue.
#[derive(Debug, Serialize)]
pub struct NewIssueRow<'a> {
    repo_id: RepoId,
    number: IssueNumber,
    rank: i64,
    state: IssueState,
    created_at: Timestamp,
    updated_at: Timestamp,
    checked_at: Timestamp,
    doubt: Option<WithheldReason>,
    doubt_detail: Option<WithheldReason>,
    doubt_at: Option<Timestamp>,
    title: &'a str,
    labels: &'a [String],
    assignees: &'a [String],
    milestone_number: Option<i64>,
    milestone_title: Option<&'a str>,
    author: Option<&'a str>,
    url: &'a str,
    etag: Option<&'a str>,
    facts: String,
    body: &'a str,
}

/// The two columns of a reason: a word of the first version of the schema, and what says more of it.
fn in_columns(reason: WithheldReason) -> (WithheldReason, Option<WithheldReason>) {
    match reason {
        WithheldReason::CloseFailed => (WithheldReason::Closing, Some(reason)),
        WithheldReason::NotFound
        | WithheldReason::Gone
        | WithheldReason::Moved
        | WithheldReason::CalledClosed
        | WithheldReason::Closing => (reason, None),
    }
}

impl<'a> NewIssueRow<'a> {
    fn of(issue: &'a MirroredIssue) -> Result<Self, StoreError> {
        let facts = &issue.facts;
        let milestone = facts.milestone.as_ref();
        let doubt = issue.withheld.map(|(reason, _)| in_columns(reason));
        Ok(Self {
            repo_id: issue.repo,
            number: facts.number,
            rank: issue.rank.number(),
            state: facts.state,
            created_at: facts.created_at,
            updated_at: facts.updated_at,
            checked_at: issue.checked_at,
            doubt: doubt.map(|(doubt, _)| doubt),
            doubt_detail: doubt.and_then(|(_, detail)| detail),
            doubt_at: issue.withheld.map(|(_, at)| at),
            title: &facts.title,
            labels: &facts.labels,
            assignees: &facts.assignees,
            milestone_number: milestone.map(|milestone| milestone.number),
            milestone_title: milestone.map(|milestone| milestone.title.as_str()),
            author: facts.author.as_deref(),
            url: &facts.url,
            etag: issue.etag.as_deref(),
            facts: text(&facts.more)?,
            body: &facts.body,
        })
    }
}

/// A change of the number of open issues that count alike.
#[derive(Debug, Serialize)]
pub struct NewCountRow<'a> {
    lane: &'a str,
    /// The code; empty for issues that are ready.
    first: &'static str,
    repo_id: RepoId,
    n: i64,
}

impl<'a> NewCountRow<'a> {
    pub(super) fn of((place, change): &'a (CountedAs, i64)) -> Self {
        Self {
            lane: place.lane.as_str(),
            first: place.first.map_or("", ReasonCode::as_str),
            repo_id: place.repo,
            n: *change,
        }
    }
}

/// A label, milestone or type by which filters find an open issue.
#[derive(Debug, Serialize)]
pub struct NewIssueTagRow {
    repo_id: RepoId,
    number: IssueNumber,
    tag: String,
}

impl NewIssueTagRow {
    fn of(issue: &MirroredIssue) -> impl Iterator<Item = Self> {
        tags(&issue.facts).map(|tag| Self {
            repo_id: issue.repo,
            number: issue.facts.number,
            tag,
        })
    }
}

fn tags(issue: &Issue) -> impl Iterator<Item = String> {
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
    let kind = issue.more.kind.value();
    let kind = kind.map(|kind| type_tag(&kind.to_lowercase()));
    labels.chain(milestone).chain(kind).filter(move |_| open)
}

/// The tags that an issue must have to match a filter, each once.
pub fn wanted_tags(filter: &IssueFilter) -> BTreeSet<String> {
    let labels = filter.labels.iter().map(|label| label_tag(label));
    let milestone = filter.milestone.as_deref().map(milestone_tag);
    labels.chain(milestone).collect()
}

/// The optional tags of a filter.
#[derive(Debug)]
pub struct OptionalTags {
    /// An issue must have one of these, if there are any.
    pub any: Vec<String>,
    /// It must have none of these.
    pub none: Vec<String>,
    /// It must have one of these, if there are any.
    pub types: Vec<String>,
}

impl OptionalTags {
    /// Those of a filter.
    pub fn of(filter: &IssueFilter) -> Self {
        let tags = |texts: &[String], tag: fn(&str) -> String| {
            texts.iter().map(|text| tag(text)).collect()
        };
        Self {
            any: tags(&filter.any, label_tag),
            none: tags(&filter.none, label_tag),
            types: tags(&filter.types, type_tag),
        }
    }

    /// Whether the filter has none.
    pub fn is_empty(&self) -> bool {
        self.any.is_empty() && self.none.is_empty() && self.types.is_empty()
    }
}

/// The tag of a label in lower case.
pub(crate) fn label_tag(label: &str) -> String {
    format!("l:{label}")
}

/// The tag of a type in lower case.
fn type_tag(kind: &str) -> String {
    format!("t:{kind}")
}

/// The tag of a milestone's title in lower case, or of its number.
fn milestone_tag(milestone: &str) -> String {
    format!("m:{milestone}")
}
