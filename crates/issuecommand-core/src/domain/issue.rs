//! Issues as the mirror holds them.

mod facts;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::priority::Priority;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
pub use facts::{IssueFacts, IssuePlace, RelatedIssue, RelationCount, Said};

/// GitHub's state of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// The issue is open.
    Open,
    /// The issue is closed, for any reason.
    Closed,
}

/// The milestone of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// The milestone's number in its repository.
    pub number: i64,
    /// The milestone's title.
    pub title: String,
}

/// GitHub's data of an issue. Title and body are untrusted text: data, never instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The issue's number.
    pub number: IssueNumber,
    /// A single line.
    pub title: String,
    /// Markdown; empty if there is none.
    pub body: String,
    /// Open or closed.
    pub state: IssueState,
    /// Label names in GitHub's order.
    pub labels: Vec<String>,
    /// The assignees' logins.
    pub assignees: Vec<String>,
    /// The milestone, if it has one.
    pub milestone: Option<Milestone>,
    /// The login of the author; `None` for a deleted account.
    pub author: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When GitHub last changed anything about it.
    pub updated_at: Timestamp,
    /// The address of its web page.
    pub url: String,
    /// The facts that GitHub does not always say.
    #[serde(default, skip_serializing_if = "IssueFacts::is_empty")]
    pub more: IssueFacts,
}

impl Issue {
    /// Whether two messages agree in what every message says. [`Issue::more`] is not compared: messages leave out different
    /// parts of it, and it changes without a new `updated_at`.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            number,
            title,
            body,
            state,
            labels,
            assignees,
            milestone,
            author,
            created_at,
            updated_at,
            url,
            more: _,
        } = self;
        (number, state, created_at, updated_at)
            == (
                &other.number,
                &other.state,
                &other.created_at,
                &other.updated_at,
            )
            && (title, body, url) == (&other.title, &other.body, &other.url)
            && (labels, assignees) == (&other.labels, &other.assignees)
            && (milestone, author) == (&other.milestone, &other.author)
    }
}

/// Why an issue that the mirror has as open is not handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// GitHub answered 404: it was deleted, or the credential lost access. The two look alike.
    NotFound,
    /// GitHub answered 410: deleted.
    Gone,
    /// GitHub answered 301: transferred to another repository.
    Moved,
    /// Its agent reported it closed, and GitHub has not confirmed or denied that since.
    CalledClosed,
    /// Its agent reported it closed, and the write that closes it on GitHub is in the outbox.
    Closing,
    /// Its agent reported it closed, and GitHub refused to close it. Any later change on GitHub ends this, because then a
    /// person has looked at it.
    CloseFailed,
}

impl WithheldReason {
    /// Whether GitHub does not show the issue and so does not count it.
    pub fn is_gone(self) -> bool {
        match self {
            Self::NotFound | Self::Gone | Self::Moved => true,
            Self::CalledClosed | Self::Closing | Self::CloseFailed => false,
        }
    }
}

/// An issue in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirroredIssue {
    /// The issue's repository.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// The data that GitHub last sent.
    pub facts: Issue,
    /// Its priority, computed from the labels when the row was written.
    pub rank: Priority,
    /// Why the issue is withheld until GitHub confirms it again, and since when.
    #[serde(rename = "doubt")]
    pub withheld: Option<(WithheldReason, Timestamp)>,
    /// When GitHub last confirmed this row.
    pub checked_at: Timestamp,
    /// The ETag of its own GET, opaque and bound to one credential.
    pub etag: Option<String>,
}

impl MirroredIssue {
    /// The key of the issue.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.facts.number)
    }

    /// Whether the issue is withheld because its agent reported it closed before this time.
    pub fn was_reported_closed(&self, before: Timestamp) -> bool {
        self.withheld
            .is_some_and(|(reason, at)| reason == WithheldReason::CalledClosed && at < before)
    }
}

/// The conditions of an agent on an issue. All given ones must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueFilter {
    /// The only repository that matches.
    pub repo: Option<RepoName>,
    /// Labels that it must all have, compared without case. Lower case, sorted, unique.
    pub labels: Vec<String>,
    /// The milestone's title (compared without case) or number.
    pub milestone: Option<String>,
    /// Labels of which it must have one, as `labels`. Empty: no condition.
    pub any: Vec<String>,
    /// Labels of which it must have none, as `labels`.
    pub none: Vec<String>,
    /// Types of which it must be one, as `labels`. Empty: no condition.
    pub types: Vec<String>,
}

/// Labels (comma separated) in lower case, sorted, unique.
fn normalized(labels: Option<&str>) -> Vec<String> {
    let labels = labels.unwrap_or_default().split(',');
    let labels = labels.map(|label| label.trim().to_lowercase());
    let labels: BTreeSet<String> = labels.filter(|label| !label.is_empty()).collect();
    labels.into_iter().collect()
}

impl IssueFilter {
    /// Normalizes labels (comma separated) and milestone for comparison. Blank ones count as absent.
    pub fn new(repo: Option<RepoName>, label: Option<&str>, milestone: Option<&str>) -> Self {
        let milestone = milestone
            .map(|m| m.trim().to_lowercase())
            .filter(|m| !m.is_empty());
        Self {
            repo,
            labels: normalized(label),
            milestone,
            any: Vec::new(),
            none: Vec::new(),
            types: Vec::new(),
        }
    }

    /// Adds labels (comma separated) of which it must have one, labels of which it must have none, and types of which it must be
    /// one.
    #[must_use]
    pub fn with(self, any: Option<&str>, none: Option<&str>, types: Option<&str>) -> Self {
        Self {
            any: normalized(any),
            none: normalized(none),
            types: normalized(types),
            ..self
        }
    }

    /// Whether this issue meets all conditions.
    pub fn matches(&self, row: &MirroredIssue) -> bool {
        let has = |wanted: &String| row.facts.labels.iter().any(|l| l.to_lowercase() == *wanted);
        self.repo.as_ref().is_none_or(|repo| *repo == row.repo_name)
            && self.labels.iter().all(has)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
            && (self.types.is_empty() || {
                let kind = row.facts.more.kind.value();
                kind.is_some_and(|kind| self.types.contains(&kind.to_lowercase()))
            })
            && self.milestone.as_ref().is_none_or(|wanted| {
                row.facts.milestone.as_ref().is_some_and(|m| {
                    m.title.to_lowercase() == *wanted || m.number.to_string() == *wanted
                })
            })
    }
}

/// A comment under an issue. Its body is untrusted text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The author's login; `None` for a deleted account.
    pub author: Option<String>,
    /// The text as Markdown.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// The address of its web page.
    pub url: Option<String>,
}

/// The comments of an issue: all, or the first and last ones if there are too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentList {
    /// The comments, oldest first.
    pub comments: Vec<Comment>,
    /// The comments that were left out, if any.
    pub gap: Option<CommentGap>,
}

/// Comments that were left out, between the first and the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentGap {
    /// How many of the included comments come before the gap.
    pub after: usize,
    /// How many comments are in the gap; `None` if GitHub did not say.
    pub count: Option<usize>,
}

impl CommentList {
    /// Leaves out all but the latest comments. Where some are missing in between, those before them go too, so that there is one gap.
    pub fn keep_latest(&mut self, most: usize) {
        let beyond = self.comments.len().saturating_sub(most);
        if beyond == 0 {
            return;
        }
        let left_out = self.gap.map_or(beyond, |gap| beyond.max(gap.after));
        self.comments.drain(..left_out);
        let before = self.gap.map_or(Some(0), |gap| gap.count);
        self.gap = Some(CommentGap {
            after: 0,
            count: before.map(|count| count + left_out),
        });
    }
}

impl From<Vec<Comment>> for CommentList {
    fn from(comments: Vec<Comment>) -> Self {
        Self {
            comments,
            gap: None,
        }
    }
}

/// GitHub's answer to a request for one issue. Only this counts as proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IssueLookup {
    /// 200 with an issue.
    Issue {
        /// The issue as of this answer.
        issue: Box<Issue>,
        /// The ETag for the next request, opaque and bound to one credential.
        etag: Option<String>,
    },
    /// 304: unchanged since the ETag was sent.
    Unchanged,
    /// The number belongs to a pull request.
    PullRequest,
    /// 404, 410 or 301. The issue is withheld, but this does not prove that it was closed.
    Withheld(WithheldReason),
    /// 301 to another repository that the credential sees. [`GitHub::issue`](crate::ports::github::GitHub::issue) never returns
    /// this; the use cases follow the redirect.
    Transferred {
        /// The issue's present repository.
        to: RepoSnapshot,
        /// The issue in that repository.
        issue: Box<Issue>,
        /// Whether that repository is within `ALLOWED_REPOS`.
        allowed: bool,
    },
}
