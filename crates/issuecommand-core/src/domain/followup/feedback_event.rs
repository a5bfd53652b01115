//! Feedback events: the reviews and comments that follow-ups come from, each recorded once.

mod diff;
mod facts;
mod resolution;
mod source_id;

use serde::{Deserialize, Serialize};

use crate::domain::followup::WorkItemId;
use crate::domain::id::PullKey;
use crate::domain::time::Timestamp;

pub use self::diff::{HUNK_MAX, Side, bounded_hunk};
pub use self::facts::{SourceFacts, ThreadState};
pub(crate) use self::facts::{adds_text, digest};
pub use self::resolution::Resolution;
pub use self::source_id::SourceId;

/// The kind of a feedback event, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A review that requests changes.
    ReviewChangesRequested,
    /// A line comment.
    ReviewComment,
    /// A comment under the pull request.
    PrComment,
}

impl SourceKind {
    /// All kinds, most urgent first.
    pub const ALL: [Self; 3] = [
        Self::ReviewChangesRequested,
        Self::ReviewComment,
        Self::PrComment,
    ];

    /// The name on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReviewChangesRequested => "review_changes_requested",
            Self::ReviewComment => "review_comment",
            Self::PrComment => "pr_comment",
        }
    }

    /// The kind with that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A review or comment. Its body is untrusted text: data, never instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackEvent {
    /// The event's id.
    pub id: SourceId,
    /// The event's kind.
    pub kind: SourceKind,
    /// The delivery that brought it; `None` if a poll did.
    pub delivery: Option<String>,
    /// The author's login; `None` for a deleted account.
    pub requested_by: Option<String>,
    /// The author's relation to the repository, in GitHub's terms (`MEMBER`, `NONE` …).
    pub author_association: Option<String>,
    /// The text as Markdown.
    pub body: String,
    /// The address of its web page.
    pub url: Option<String>,
    /// The file of a line comment.
    pub path: Option<String>,
    /// The line of a line comment, while that line exists.
    pub line: Option<i64>,
    /// When it was written (for a review: submitted), on GitHub's clock; `None` if unknown.
    pub created_at: Option<Timestamp>,
    /// When its text was last edited, on GitHub's clock; `None` if unknown.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// The first of several lines, of which `line` is the last.
    #[serde(default)]
    pub start_line: Option<i64>,
    /// The side of the diff.
    #[serde(default)]
    pub side: Option<Side>,
    /// The line at the time of the comment, which stays when the line is gone.
    #[serde(default)]
    pub original_line: Option<i64>,
    /// The end of its diff hunk, see [`bounded_hunk`].
    #[serde(default)]
    pub hunk: Option<String>,
    /// The line comment that opened the thread, for a reply.
    #[serde(default)]
    pub in_reply_to: Option<i64>,
    /// The review that a line comment belongs to.
    #[serde(default)]
    pub review: Option<i64>,
    /// Whether it is hidden on GitHub.
    #[serde(default)]
    pub hidden: bool,
    /// Whether its text was edited since its agent last got it.
    #[serde(default)]
    pub unseen: bool,
    /// The facts that decide whether it waits. A store keeps them as long as the id, apart from the text.
    #[serde(default, skip_serializing_if = "SourceFacts::is_empty")]
    pub facts: SourceFacts,
    /// Why it no longer waits; `None` while it does.
    pub ended: Option<Resolution>,
}

impl FeedbackEvent {
    /// An event with little more than its id.
    pub fn new(id: SourceId, kind: SourceKind) -> Self {
        Self {
            id,
            kind,
            delivery: None,
            requested_by: None,
            author_association: None,
            body: String::new(),
            url: None,
            path: None,
            line: None,
            created_at: None,
            updated_at: None,
            start_line: None,
            side: None,
            original_line: None,
            hunk: None,
            in_reply_to: None,
            review: None,
            hidden: false,
            unseen: false,
            facts: SourceFacts::default(),
            ended: None,
        }
    }

    /// Whether it waits for an answer.
    pub fn waits(&self) -> bool {
        self.ended.is_none()
    }

    /// The text alone, as a store keeps it beside the [`KnownSource`].
    #[must_use]
    pub fn as_text(&self) -> Self {
        Self {
            facts: SourceFacts::default(),
            ended: None,
            ..self.clone()
        }
    }

    /// The text with the state of its row.
    #[must_use]
    pub fn with(self, row: &KnownSource) -> Self {
        Self {
            id: row.id.clone(),
            facts: row.facts.clone(),
            ended: row.ended,
            ..self
        }
    }
}

/// The state of a feedback event, which a store keeps longer than its item: its facts and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSource {
    /// The event's id.
    pub id: SourceId,
    /// The event's pull request.
    pub pull: PullKey,
    /// The item that took it; `None` if it had ended before it arrived.
    pub item: Option<WorkItemId>,
    /// Why it no longer waits; `None` while it does.
    pub ended: Option<Resolution>,
    /// The facts that decide whether it waits.
    #[serde(default)]
    pub facts: SourceFacts,
}
