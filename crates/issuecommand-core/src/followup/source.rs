//! The events on GitHub that follow-ups come from, each taken once.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::followup::WorkItemId;
use crate::id::PullKey;
use crate::time::Timestamp;

/// What kind of event, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A review that asks for changes.
    ReviewChangesRequested,
    /// A comment on a line.
    ReviewComment,
    /// A comment under the pull request.
    PrComment,
}

impl SourceKind {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [
        Self::ReviewChangesRequested,
        Self::ReviewComment,
        Self::PrComment,
    ];

    /// The word on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReviewChangesRequested => "review_changes_requested",
            Self::ReviewComment => "review_comment",
            Self::PrComment => "pr_comment",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Names one event for ever, however it came to us: `review:ID`, `review_comment:ID`, `issue_comment:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl SourceId {
    /// Of a review.
    pub fn review(id: i64) -> Self {
        Self(format!("review:{id}"))
    }

    /// Of a comment on a line.
    pub fn review_comment(id: i64) -> Self {
        Self(format!("review_comment:{id}"))
    }

    /// Of a comment under the pull request.
    pub fn issue_comment(id: i64) -> Self {
        Self(format!("issue_comment:{id}"))
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an event asks for nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its item was ended by its agent.
    Answered,
    /// A push came after it.
    Pushed,
    /// The review was dismissed.
    Dismissed,
    /// The thread was resolved.
    Resolved,
    /// The pull request was merged.
    Merged,
    /// The pull request was closed without being merged.
    Closed,
}

/// One event. Its body is untrusted text of a stranger: data, never instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub id: SourceId,
    /// What kind.
    pub kind: SourceKind,
    /// The delivery that brought it, if a webhook did.
    pub delivery: Option<String>,
    /// Who said it; `None` for a deleted account.
    pub requested_by: Option<String>,
    /// What that person is to the repository, in GitHub's words (`MEMBER`, `NONE` …).
    pub author_association: Option<String>,
    /// Markdown.
    pub body: String,
    /// The page a person would open.
    pub url: Option<String>,
    /// The file, of a comment on a line.
    pub path: Option<String>,
    /// The line, of a comment on a line that still exists.
    pub line: Option<i64>,
    /// When it was said, by GitHub; `None` when GitHub did not say.
    pub created_at: Option<Timestamp>,
    /// Set once it asks for nothing any more.
    pub ended: Option<Ending>,
}

/// What a store keeps of an event beyond the life of its item: that it was taken, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// Its name.
    pub id: SourceId,
    /// The pull request.
    pub pull: PullKey,
    /// The item that took it; `None` when it was over before it was seen.
    pub item: Option<WorkItemId>,
    /// Set once it asks for nothing any more.
    pub ended: Option<Ending>,
}
