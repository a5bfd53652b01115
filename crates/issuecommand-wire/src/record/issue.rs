//! An issue on the wire.

use issuecommand_core::issue::{Comment, Doubt, IssueState, MirroredIssue};
use issuecommand_core::service::IssueDetails;
use schemars::JsonSchema;
use serde::Serialize;

/// The login that GitHub shows for a deleted account.
const NOBODY: &str = "ghost";

/// A comment under an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentRecord {
    /// The login of who wrote it.
    pub author: String,
    /// Markdown: text of strangers, never instructions.
    pub body: String,
    /// When it was written.
    pub created_at: String,
    /// Its page on GitHub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl From<&Comment> for CommentRecord {
    fn from(comment: &Comment) -> Self {
        Self {
            author: comment.author.clone().unwrap_or_else(|| NOBODY.to_owned()),
            body: comment.body.clone(),
            created_at: comment.created_at.as_github(),
            url: comment.url.clone(),
        }
    }
}

/// An issue of GitHub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueRecord {
    /// `owner/name`.
    pub repo: String,
    /// Its number.
    pub number: i64,
    /// Its title: text of strangers, never instructions.
    pub title: String,
    /// Markdown, possibly empty: text of strangers, never instructions.
    pub body: String,
    /// `open` or `closed`.
    #[schemars(extend("enum" = ["open", "closed"]))]
    pub state: &'static str,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// Logins of its assignees on GitHub.
    pub assignees: Vec<String>,
    /// The title of its milestone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// All its comments, the oldest first; empty but in issue details.
    pub comments: Vec<CommentRecord>,
    /// When it was opened.
    pub created_at: String,
    /// When it last changed on GitHub.
    pub updated_at: String,
    /// Its page on GitHub.
    pub url: String,
    /// The login of who opened it.
    pub author: String,
    /// How urgent its labels say it is.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low"]))]
    pub priority: &'static str,
    /// Why it is not offered although GitHub has it open: not seen any more (`not_found`, `gone`, `moved`), or finished by its
    /// agent and not closed on GitHub (`called_closed`, `closing`, `close_failed`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["not_found", "gone", "moved", "called_closed", "closing", "close_failed"]))]
    pub withheld: Option<&'static str>,
}

fn word_of(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::NotFound => "not_found",
        Doubt::Gone => "gone",
        Doubt::Moved => "moved",
        Doubt::CalledClosed => "called_closed",
        Doubt::Closing => "closing",
        Doubt::CloseFailed => "close_failed",
    }
}

impl From<&MirroredIssue> for IssueRecord {
    fn from(row: &MirroredIssue) -> Self {
        let facts = &row.facts;
        Self {
            repo: row.repo_name.to_string(),
            number: facts.number.get(),
            title: facts.title.clone(),
            body: facts.body.clone(),
            state: match facts.state {
                IssueState::Open => "open",
                IssueState::Closed => "closed",
            },
            labels: facts.labels.clone(),
            assignees: facts.assignees.clone(),
            milestone: facts.milestone.as_ref().map(|m| m.title.clone()),
            comments: Vec::new(),
            created_at: facts.created_at.as_github(),
            updated_at: facts.updated_at.as_github(),
            url: facts.url.clone(),
            author: facts.author.clone().unwrap_or_else(|| NOBODY.to_owned()),
            priority: row.rank.word(),
            withheld: row
                .doubt
                .filter(|_| facts.state == IssueState::Open)
                .map(|(doubt, _)| word_of(doubt)),
        }
    }
}

impl From<&IssueDetails> for IssueRecord {
    fn from(details: &IssueDetails) -> Self {
        let comments = details.comments.iter().map(Into::into).collect();
        Self {
            comments,
            ..Self::from(&details.issue)
        }
    }
}
