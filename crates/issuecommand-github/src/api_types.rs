//! Types for the JSON of GitHub's API, and their conversion to core's types. Only the fields that are used are read.
//!
//! Fields that GitHub documents as nullable may be null or absent. Any other missing field makes a row unreadable, and the list
//! reports it, because a row that is silently missing would mean that the issue does not exist.

mod bad_row;
pub(crate) mod commits;
mod issue_facts;
mod issues;
pub(crate) mod pulls;
mod related;
mod repos;

use issuecommand_core::domain::bounds::cut;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{Comment, IssueState};
use issuecommand_core::domain::time::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub(crate) use self::bad_row::BadRow;
use self::issue_facts::lenient;
pub(crate) use self::issues::IssueRow;
pub(crate) use self::related::RelatedRow;
pub(crate) use self::repos::RepoRow;

/// The most bytes of a text. It is above GitHub's own limit of 65,536 characters, so no real text is cut, and oversized payloads
/// cost nothing.
pub(crate) const BODY_MAX: usize = 256 << 10;
/// The most labels or assignees of an issue. GitHub allows 100 labels and 10 assignees.
const NAMES_MAX: usize = 100;
/// The most bytes of a label. GitHub allows 50 characters.
const NAME_MAX: usize = 200;

/// A user or a bot.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) login: String,
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
}

impl Account {
    /// Whether it is an App or another bot, if the row says what it is.
    fn is_bot(&self) -> Option<bool> {
        let kind = self.kind.as_ref()?;
        Some(kind == "Bot" || self.login.ends_with("[bot]"))
    }
}

/// A comment of an issue.
#[derive(Debug, Deserialize)]
pub(crate) struct CommentRow {
    user: Option<Account>,
    body: Option<String>,
    #[serde(deserialize_with = "moment")]
    created_at: Timestamp,
    html_url: Option<String>,
}

impl From<CommentRow> for Comment {
    fn from(row: CommentRow) -> Self {
        Self {
            author: row.user.map(|account| account.login),
            body: cut(row.body.unwrap_or_default(), BODY_MAX),
            created_at: row.created_at,
            url: row.html_url,
        }
    }
}

/// The body of an error answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) message: String,
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<IssueNumber, D::Error> {
    IssueNumber::new(i64::deserialize(from)?)
        .ok_or_else(|| D::Error::custom("a number that no issue can have"))
}

fn state<'de, D: Deserializer<'de>>(from: D) -> Result<IssueState, D::Error> {
    match String::deserialize(from)?.as_str() {
        "open" => Ok(IssueState::Open),
        "closed" => Ok(IssueState::Closed),
        _ => Err(D::Error::custom("a state that is neither open nor closed")),
    }
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Timestamp::parse(&String::deserialize(from)?)
        .ok_or_else(|| D::Error::custom("a time that is none"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_comment_of_a_ghost_has_no_author() {
        let row: CommentRow = serde_json::from_value(json!({
            "user": null, "body": null, "created_at": "2025-01-02T03:04:05Z",
        }))
        .unwrap();
        let comment = Comment::from(row);
        assert_eq!(
            (comment.author, comment.body.as_str(), comment.url),
            (None, "", None)
        );
    }
}
