//! Rows of a list that could not be read.

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::github::{UnreadableRepo, UnreadableRow};
use serde_json::Value;

use super::issues::is_page_of_pull;

/// The readable fields of an unreadable row.
#[derive(Debug, Default)]
pub(crate) struct BadRow {
    pub(crate) number: Option<i64>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) reason: String,
    /// The name of a repository.
    pub(crate) name: Option<RepoName>,
    /// The state of a pull request in a list of issues.
    pub(crate) open: Option<bool>,
}

impl BadRow {
    pub(crate) fn of(row: &Value) -> Self {
        let updated_at = row.get("updated_at").and_then(Value::as_str);
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let is_pull = row.get("pull_request").is_some_and(|it| !it.is_null())
            || text("html_url").is_some_and(is_page_of_pull);
        let open = match text("state") {
            Some("open") => Some(true),
            Some("closed") => Some(false),
            _ => None,
        };
        Self {
            number: row.get("number").and_then(number),
            updated_at: updated_at.and_then(Timestamp::parse),
            reason: String::new(),
            name: text("full_name").and_then(|name| RepoName::parse(name).ok()),
            open: open.filter(|_| is_pull),
        }
    }

    /// The entry of a pull request in a list of issues, if the row has all of its fields. A row without a time may be older
    /// than what is known.
    pub(crate) fn listed_pull(&self) -> Option<ListedPull> {
        let (number, open) = (IssueNumber::new(self.number?)?, self.open?);
        self.updated_at.map(|_| ListedPull { number, open })
    }
}

impl From<BadRow> for UnreadableRow {
    fn from(row: BadRow) -> Self {
        Self {
            number: row.number.and_then(IssueNumber::new),
            reason: row.reason,
        }
    }
}

impl From<BadRow> for UnreadableRepo {
    fn from(row: BadRow) -> Self {
        Self {
            name: row.name,
            reason: row.reason,
        }
    }
}
