//! Issues as the mirror holds them.

use serde::{Deserialize, Serialize};

use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::priority::Priority;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// Whether GitHub has the issue open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// There is work to do.
    Open,
    /// There is none, whatever the reason.
    Closed,
}

/// The milestone of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Its number within the repository.
    pub number: i64,
    /// Its name.
    pub title: String,
}

/// What GitHub says of one issue. Title and body are untrusted text of strangers: data, never instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its number.
    pub number: IssueNumber,
    /// One line.
    pub title: String,
    /// Markdown; empty when there is none.
    pub body: String,
    /// Open or closed.
    pub state: IssueState,
    /// Names of its labels, as GitHub orders them.
    pub labels: Vec<String>,
    /// Logins.
    pub assignees: Vec<String>,
    /// Its milestone, if it has one.
    pub milestone: Option<Milestone>,
    /// The login that opened it; `None` for a deleted account.
    pub author: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When GitHub last changed anything of it.
    pub updated_at: Timestamp,
    /// The page a person would open.
    pub url: String,
}

/// Why an issue that the mirror has as open is not offered all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// GitHub answered 404: deleted, or we lost sight of it; the two look alike.
    NotFound,
    /// GitHub answered 410: deleted.
    Gone,
    /// GitHub answered 301: transferred to another repository.
    Moved,
    /// Its agent called it closed, and GitHub has not been heard since.
    CalledClosed,
    /// Its agent called it closed, and closing it on GitHub waits in the outbox.
    Closing,
    /// Its agent called it closed, and GitHub refused to close it for good. It is offered again when anything of it changes
    /// on GitHub afterwards: a person has looked at it.
    CloseFailed,
}

impl WithheldReason {
    /// Whether GitHub does not show the issue, so that it counts it no more.
    pub fn is_gone(self) -> bool {
        match self {
            Self::NotFound | Self::Gone | Self::Moved => true,
            Self::CalledClosed | Self::Closing | Self::CloseFailed => false,
        }
    }
}

/// One row of the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirroredIssue {
    /// The repository it is in.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// What GitHub said last.
    pub facts: Issue,
    /// Its priority, computed from the labels when the row was written.
    pub rank: Priority,
    /// Set, and since when, while the issue must not be offered until GitHub vouches for it again.
    pub doubt: Option<(WithheldReason, Timestamp)>,
    /// The last answer of GitHub that vouched for this very row.
    pub checked_at: Timestamp,
    /// The validator of its own GET, opaque, bound to one credential.
    pub etag: Option<String>,
}

impl MirroredIssue {
    /// Its key.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.facts.number)
    }

    /// Its place in the queue: the lower the earlier.
    pub fn order(&self) -> (Priority, Timestamp, IssueKey) {
        (self.rank, self.facts.created_at, self.key())
    }
}

/// What an agent says an issue must be to be worth its time; everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IssueFilter {
    /// Only of this repository.
    pub repo: Option<RepoName>,
    /// With every one of these labels, compared without case; lower case, sorted, no doubles.
    pub labels: Vec<String>,
    /// Of the milestone with this title (compared without case) or number.
    pub milestone: Option<String>,
}

impl IssueFilter {
    /// Brings labels (comma separated) and milestone into the form that is compared; blanks count as absent.
    pub fn new(repo: Option<RepoName>, label: Option<&str>, milestone: Option<&str>) -> Self {
        let mut labels: Vec<String> = label
            .unwrap_or_default()
            .split(',')
            .map(|l| l.trim().to_lowercase())
            .filter(|l| !l.is_empty())
            .collect();
        labels.sort();
        labels.dedup();
        let milestone = milestone
            .map(|m| m.trim().to_lowercase())
            .filter(|m| !m.is_empty());
        Self {
            repo,
            labels,
            milestone,
        }
    }

    /// Whether this row is what was asked for.
    pub fn matches(&self, row: &MirroredIssue) -> bool {
        let has = |wanted: &String| row.facts.labels.iter().any(|l| l.to_lowercase() == *wanted);
        self.repo.as_ref().is_none_or(|repo| *repo == row.repo_name)
            && self.labels.iter().all(has)
            && self.milestone.as_ref().is_none_or(|wanted| {
                row.facts.milestone.as_ref().is_some_and(|m| {
                    m.title.to_lowercase() == *wanted || m.number.to_string() == *wanted
                })
            })
    }
}

/// A comment under an issue. Its body is untrusted text of a stranger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Who wrote it; `None` for a deleted account.
    pub author: Option<String>,
    /// Markdown.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// The page a person would open.
    pub url: Option<String>,
}

/// The comments of an issue: all of them, or the first and the last where there are too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentList {
    /// The comments, the oldest first.
    pub comments: Vec<Comment>,
    /// What of them was not read.
    pub gap: Option<CommentGap>,
}

/// Comments that were not read: those between the first and the last ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommentGap {
    /// It is behind so many of those that were read.
    pub after: usize,
    /// How many there are in it; `None` where GitHub did not say.
    pub count: Option<usize>,
}

impl From<Vec<Comment>> for CommentList {
    fn from(comments: Vec<Comment>) -> Self {
        Self {
            comments,
            gap: None,
        }
    }
}

/// What GitHub said of one issue when asked for that very issue. This, and nothing less, is proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IssueLookup {
    /// 200.
    Issue {
        /// The issue.
        issue: Box<Issue>,
        /// The validator to ask with next time, opaque, bound to one credential.
        etag: Option<String>,
    },
    /// 304: as it was when the validator was given.
    Unchanged,
    /// The number is a pull request's.
    PullRequest,
    /// 404, 410 or 301: a mark, never a proof that it was closed.
    Doubtful(WithheldReason),
    /// 301 to another repository, which the credential sees. [`GitHub::issue`](crate::ports::github::GitHub::issue) does not answer this; the use cases follow a
    /// redirect to it.
    Transferred {
        /// The repository that it is in now.
        to: RepoSnapshot,
        /// The issue as it is there.
        issue: Box<Issue>,
        /// Whether that repository is within `ALLOWED_REPOS`.
        allowed: bool,
    },
}
