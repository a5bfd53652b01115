//! The events on GitHub that follow-ups come from, each taken once.

mod facts;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::followup::WorkItemId;
use crate::domain::id::PullKey;
use crate::domain::time::Timestamp;

pub use self::facts::{SourceFacts, ThreadState};
pub(crate) use self::facts::{adds_text, digest};

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

    /// Of the same review or comment after an edit that added text to what had been answered: `issue_comment:5@2026-01-02T03:04:05Z`.
    #[must_use]
    pub fn edited(&self, at: Timestamp) -> Self {
        Self(format!("{}@{}", self.base(), at.as_github()))
    }

    /// The review or comment itself, without the edit that it was asked again by.
    pub fn base(&self) -> &str {
        self.0.split_once('@').map_or(&*self.0, |(base, _)| base)
    }

    /// The names that a review or comment has had lie between these two: the first included, the second not.
    pub fn edits(&self) -> (Self, Self) {
        let base = self.base();
        (Self(format!("{base}@")), Self(format!("{base}A")))
    }

    /// A review, whatever it says.
    pub fn is_review(&self) -> bool {
        self.0.starts_with("review:")
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
pub enum Resolution {
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
    /// The pull request was closed without being merged. It waits again once that is opened again.
    Closed,
    /// Its reviewer approved since, or a later review of the same reviewer was dismissed.
    Approved,
    /// It was deleted on GitHub.
    Deleted,
    /// Somebody hid it on GitHub as spam, outdated, resolved …
    Minimized,
    /// Its text was edited after its agent had been given it: the new text is an event of its own.
    Edited,
}

impl Resolution {
    /// All of them.
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

    /// The word on the wire and in the stores.
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

    /// Whether GitHub may take it back, so that the event asks again. Its text is kept for that.
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
    /// The file as it was.
    Left,
    /// The file as the pull request makes it.
    Right,
}

impl Side {
    /// GitHub's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }

    /// The side of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Left, Self::Right]
            .into_iter()
            .find(|side| side.as_str() == word)
    }
}

/// The longest part of a diff that is kept with a comment, in bytes.
pub const HUNK_MAX: usize = 2_000;

/// The end of a part of a diff, where the line is that a comment is on: whole lines of [`HUNK_MAX`] bytes at most.
pub fn bounded_hunk(hunk: &str) -> String {
    if hunk.len() <= HUNK_MAX {
        return hunk.to_owned();
    }
    let tail = &hunk[hunk.ceil_char_boundary(hunk.len() - HUNK_MAX)..];
    tail.split_once('\n')
        .map_or(tail, |(_, rest)| rest)
        .to_owned()
}

/// One event. Its body is untrusted text of a stranger: data, never instructions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackEvent {
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
    /// When it was said (of a review: submitted), by GitHub; `None` when GitHub did not say.
    pub created_at: Option<Timestamp>,
    /// When its text was last edited, by GitHub; `None` when GitHub does not say.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// The first of several lines; `line` is then the last.
    #[serde(default)]
    pub start_line: Option<i64>,
    /// The side of the diff.
    #[serde(default)]
    pub side: Option<Side>,
    /// The line when it was said, which stays when the line itself is gone.
    #[serde(default)]
    pub original_line: Option<i64>,
    /// The part of the diff that it is about, see [`bounded_hunk`].
    #[serde(default)]
    pub hunk: Option<String>,
    /// The comment on a line that opened the thread, of a reply in one.
    #[serde(default)]
    pub in_reply_to: Option<i64>,
    /// The review that a comment on a line belongs to.
    #[serde(default)]
    pub review: Option<i64>,
    /// Somebody hid it on GitHub.
    #[serde(default)]
    pub hidden: bool,
    /// Its text was edited since its agent was last given it.
    #[serde(default)]
    pub unseen: bool,
    /// What decides whether it still waits. Not a part of its text: a store keeps it for as long as the name is known.
    #[serde(default, skip_serializing_if = "SourceFacts::is_empty")]
    pub facts: SourceFacts,
    /// Set once it asks for nothing any more.
    pub ended: Option<Resolution>,
}

impl FeedbackEvent {
    /// An event of which hardly more is known than its name.
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

    /// Whether it still waits for an answer.
    pub fn waits(&self) -> bool {
        self.ended.is_none()
    }

    /// The text alone, as a store keeps it beside the row that says what became of it.
    #[must_use]
    pub fn as_text(&self) -> Self {
        Self {
            facts: SourceFacts::default(),
            ended: None,
            ..self.clone()
        }
    }

    /// The text with what became of it.
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

/// What a store keeps of an event beyond the life of its item: that it was taken, what decides its fate, and what that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSource {
    /// Its name.
    pub id: SourceId,
    /// The pull request.
    pub pull: PullKey,
    /// The item that took it; `None` when it was over before it was seen.
    pub item: Option<WorkItemId>,
    /// Set once it asks for nothing any more.
    pub ended: Option<Resolution>,
    /// What decides that.
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
