//! Feedback events: the reviews and comments that follow-ups come from, each recorded once.

mod facts;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::followup::WorkItemId;
use crate::domain::id::PullKey;
use crate::domain::time::Timestamp;

pub use self::facts::{SourceFacts, ThreadState};
pub(crate) use self::facts::{adds_text, digest};

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

/// The permanent id of a feedback event, from any route: `review:ID`, `review_comment:ID`, `issue_comment:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl SourceId {
    /// The id of a review.
    pub fn review(id: i64) -> Self {
        Self(format!("review:{id}"))
    }

    /// The id of a line comment.
    pub fn review_comment(id: i64) -> Self {
        Self(format!("review_comment:{id}"))
    }

    /// The id of a comment under the pull request.
    pub fn issue_comment(id: i64) -> Self {
        Self(format!("issue_comment:{id}"))
    }

    /// The id of a review or comment after an edit that added text to an answered one: `issue_comment:5@2026-01-02T03:04:05Z`.
    #[must_use]
    pub fn edited(&self, at: Timestamp) -> Self {
        Self(format!("{}@{}", self.base(), at.as_github()))
    }

    /// The id of the review or comment itself, without an edit's suffix.
    pub fn base(&self) -> &str {
        self.0.split_once('@').map_or(&*self.0, |(base, _)| base)
    }

    /// The range of ids of this review's or comment's edits: first included, second excluded.
    pub fn edits(&self) -> (Self, Self) {
        let base = self.base();
        (Self(format!("{base}@")), Self(format!("{base}A")))
    }

    /// Whether it is a review of any kind.
    pub fn is_review(&self) -> bool {
        self.0.starts_with("review:")
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a feedback event no longer waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Its agent ended its item.
    Answered,
    /// A push came after it.
    Pushed,
    /// The review was dismissed.
    Dismissed,
    /// The thread was resolved.
    Resolved,
    /// The pull request was merged.
    Merged,
    /// The pull request was closed without a merge. A reopening makes it wait again.
    Closed,
    /// Its reviewer approved later, or a later review of this reviewer was dismissed.
    Approved,
    /// It was deleted on GitHub.
    Deleted,
    /// It was hidden on GitHub as spam, outdated, resolved …
    Minimized,
    /// Its text was edited after its agent got it. The new text is a separate event.
    Edited,
}

impl Resolution {
    /// All reasons, in order of declaration.
    pub const ALL: [Self; 10] = [
        Self::Answered,
        Self::Pushed,
        Self::Dismissed,
        Self::Resolved,
        Self::Merged,
        Self::Closed,
        Self::Approved,
        Self::Deleted,
        Self::Minimized,
        Self::Edited,
    ];

    /// The name on the wire and in the stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Pushed => "pushed",
            Self::Dismissed => "dismissed",
            Self::Resolved => "resolved",
            Self::Merged => "merged",
            Self::Closed => "closed",
            Self::Approved => "approved",
            Self::Deleted => "deleted",
            Self::Minimized => "minimized",
            Self::Edited => "edited",
        }
    }

    /// Whether GitHub may undo it, so that the event waits again. Its text is kept for that.
    pub fn may_return(self) -> bool {
        match self {
            Self::Closed | Self::Resolved | Self::Minimized => true,
            Self::Answered
            | Self::Pushed
            | Self::Dismissed
            | Self::Merged
            | Self::Approved
            | Self::Deleted
            | Self::Edited => false,
        }
    }
}

/// The side of a diff that a comment is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// The old version of the file.
    Left,
    /// The pull request's version of the file.
    Right,
}

impl Side {
    /// GitHub's name for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }

    /// The side with that name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Left, Self::Right]
            .into_iter()
            .find(|side| side.as_str() == word)
    }
}

/// The most bytes of a diff hunk that are kept with a comment.
pub const HUNK_MAX: usize = 2_000;

/// The end of a diff hunk, which has the commented line: whole lines, at most [`HUNK_MAX`] bytes.
pub fn bounded_hunk(hunk: &str) -> String {
    if hunk.len() <= HUNK_MAX {
        return hunk.to_owned();
    }
    let tail = &hunk[hunk.ceil_char_boundary(hunk.len() - HUNK_MAX)..];
    tail.split_once('\n')
        .map_or(tail, |(_, rest)| rest)
        .to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_has_a_name_of_its_own() {
        let at = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        let said = SourceId::issue_comment(5);
        let edited = said.edited(at);
        assert_eq!(edited.0, "issue_comment:5@2026-01-02T03:04:05Z");
        assert_eq!(
            (edited.base(), said.base()),
            ("issue_comment:5", "issue_comment:5")
        );
        assert_eq!(edited.edited(at), edited);
        let (from, until) = edited.edits();
        assert!(from < edited && edited < until);
        let others = [
            said,
            SourceId::issue_comment(50).edited(at),
            SourceId::issue_comment(51),
        ];
        assert!(others.iter().all(|other| *other < from || *other >= until));
    }

    #[test]
    fn a_long_hunk_keeps_its_end_in_whole_lines() {
        assert_eq!(bounded_hunk("@@ -1 +1 @@\n+a"), "@@ -1 +1 @@\n+a");
        let lines: Vec<String> = (0..1_000).map(|n| format!("+ line {n} é\n")).collect();
        let long = lines.concat();
        let kept = bounded_hunk(&long);
        assert!(kept.len() <= HUNK_MAX && kept.len() > HUNK_MAX - 40);
        assert!(kept.starts_with("+ line ") && kept.ends_with("+ line 999 é\n"));
    }
}
