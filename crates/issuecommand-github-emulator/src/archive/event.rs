//! The events of a repository's history.

use std::fmt;

use jiff::Timestamp;

use crate::{Association, ReviewState};

/// An event of an issue or a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened, by GitHub's clock.
    pub at: Timestamp,
    /// The issue or pull request.
    pub number: u64,
    /// What happened.
    pub what: EventKind,
}

/// The kind of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// An issue was opened.
    IssueOpened(Opened),
    /// An issue was closed; the archive does not say by whom.
    IssueClosed,
    /// A comment on an issue or a pull request.
    Commented(AuthoredText),
    /// A pull request was opened.
    PullOpened(Box<PullOpened>),
    /// A push to a pull request, derived from the commits that reviews refer to.
    PullPushed {
        /// The new head. The archive has only its first seven digits, unless it is the last one.
        head_sha: String,
    },
    /// A review was submitted.
    Reviewed {
        /// Whether it approves, asks for changes or comments.
        state: ReviewState,
        /// Its text, often empty.
        words: AuthoredText,
    },
    /// A comment on a line of a pull request.
    ReviewCommented {
        /// The id of the review that it belongs to.
        review_id: u64,
        /// Line in the diff.
        position: u64,
        /// Markdown, as its author wrote it.
        words: AuthoredText,
    },
    /// A pull request was merged. Each issue that it closed has an event of its own.
    PullMerged {
        /// Login; none once the account is gone.
        by: Option<String>,
    },
    /// A pull request was closed and not merged.
    PullClosed,
}

/// An issue, or the issue side of a pull request, as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Generated, but the same for every reading of the archive.
    pub id: u64,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: Option<String>,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// The final labels.
    pub labels: Vec<String>,
    /// The final assignees.
    pub assignees: Vec<String>,
}

/// A pull request as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullOpened {
    /// Its issue side.
    pub issue: Opened,
    /// Branch it comes from.
    pub head_ref: String,
    /// Owner of that branch's repository; `None` for a deleted fork.
    pub head_owner: Option<String>,
    /// The earliest commit in the archive.
    pub head_sha: String,
    /// Branch it goes to.
    pub base_ref: String,
}

/// The text of a comment or review, with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthoredText {
    /// Generated, but the same for every reading of the archive.
    pub id: u64,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// Markdown.
    pub body: String,
}

impl EventKind {
    /// The order of events in one second: objects are opened before other events, and closed last.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::IssueOpened(_) | Self::PullOpened(_) => 0,
            Self::PullPushed { .. } => 1,
            Self::Reviewed { .. } => 2,
            Self::ReviewCommented { .. } => 3,
            Self::Commented(_) => 4,
            Self::PullMerged { .. } | Self::PullClosed => 5,
            Self::IssueClosed => 6,
        }
    }
}

impl fmt::Display for Event {
    /// One line for people: `2022-09-23T14:55:53Z #190 issue opened by martinduke: Title`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = |author: &Option<String>| author.clone().unwrap_or_else(|| "a ghost".to_owned());
        write!(f, "{} #{} ", self.at, self.number)?;
        match &self.what {
            EventKind::IssueOpened(issue) => {
                write!(f, "issue opened by {}: {}", by(&issue.author), issue.title)
            }
            EventKind::IssueClosed => f.write_str("issue closed"),
            EventKind::Commented(words) => write!(f, "comment by {}", by(&words.author)),
            EventKind::PullOpened(pull) => {
                write!(
                    f,
                    "pull request opened by {}: {}",
                    by(&pull.issue.author),
                    pull.issue.title
                )
            }
            EventKind::PullPushed { head_sha } => write!(f, "pushed {head_sha:.7}"),
            EventKind::Reviewed { state, words } => {
                write!(f, "review by {}: {}", by(&words.author), state.as_str())
            }
            EventKind::ReviewCommented { words, .. } => {
                write!(f, "review comment by {}", by(&words.author))
            }
            EventKind::PullMerged { by: merger } => write!(f, "merged by {}", by(merger)),
            EventKind::PullClosed => f.write_str("pull request closed"),
        }
    }
}
