//! Types for the JSON of GitHub's API, and their conversion to core's types. Only the fields that are used are read.
//!
//! Fields that GitHub documents as nullable may be null or absent. Any other missing field makes a row unreadable, and the list
//! reports it, because a row that is silently missing would mean that the issue does not exist.

pub(crate) mod commits;
pub(crate) mod pulls;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use issuecommand_core::domain::bounds::{TITLE_MAX, cut};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{Comment, Issue, IssueLookup, IssueState, Milestone};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::github::{UnreadableRepo, UnreadableRow};

/// Above GitHub's own limits: 65,536 characters per text, 100 labels of 50 characters and 10 assignees per issue. So no real
/// data is cut, and oversized payloads cost nothing.
pub(crate) const BODY_MAX: usize = 256 << 10;
const NAMES_MAX: usize = 100;
const NAME_MAX: usize = 200;

/// A user or a bot.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) login: String,
}

/// GitHub documents a label as a string or as an object whose name may be null.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Text(String),
    Object { name: Option<String> },
}

#[derive(Debug, Deserialize)]
struct MilestoneRow {
    number: i64,
    title: String,
}

/// An issue or a pull request, in a list or by itself.
#[derive(Debug, Deserialize)]
pub(crate) struct IssueRow {
    #[serde(deserialize_with = "number")]
    number: IssueNumber,
    title: String,
    body: Option<String>,
    #[serde(deserialize_with = "state")]
    state: IssueState,
    labels: Option<Vec<Label>>,
    assignees: Option<Vec<Option<Account>>>,
    milestone: Option<MilestoneRow>,
    user: Option<Account>,
    #[serde(deserialize_with = "moment")]
    created_at: Timestamp,
    #[serde(deserialize_with = "moment")]
    pub(crate) updated_at: Timestamp,
    html_url: String,
    pull_request: Option<IgnoredAny>,
}

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

/// Whether this is the URL of a pull request's page.
fn is_page_of_pull(url: &str) -> bool {
    url.contains("/pull/")
}

impl IssueRow {
    /// Whether it is a pull request, even if the field for that is missing.
    fn is_pull(&self) -> bool {
        self.pull_request.is_some() || is_page_of_pull(&self.html_url)
    }

    pub(crate) fn number(&self) -> IssueNumber {
        self.number
    }

    /// The entry of a pull request; `None` for an issue.
    pub(crate) fn listed_pull(&self) -> Option<ListedPull> {
        self.is_pull().then_some(ListedPull {
            number: self.number,
            open: self.state == IssueState::Open,
        })
    }

    /// The issue; `None` for a pull request.
    pub(crate) fn issue(self) -> Option<Issue> {
        if self.is_pull() {
            return None;
        }
        let label = |label| match label {
            Label::Text(name) => Some(name),
            Label::Object { name } => name,
        };
        Some(Issue {
            number: self.number,
            title: cut(self.title, TITLE_MAX),
            body: cut(self.body.unwrap_or_default(), BODY_MAX),
            state: self.state,
            labels: self
                .labels
                .into_iter()
                .flatten()
                .filter_map(label)
                .take(NAMES_MAX)
                .map(|name| cut(name, NAME_MAX))
                .collect(),
            assignees: self
                .assignees
                .into_iter()
                .flatten()
                .flatten()
                .take(NAMES_MAX)
                .map(|account| account.login)
                .collect(),
            milestone: self.milestone.map(|row| Milestone {
                number: row.number,
                title: cut(row.title, TITLE_MAX),
            }),
            author: self.user.map(|account| account.login),
            created_at: self.created_at,
            updated_at: self.updated_at,
            url: self.html_url,
        })
    }

    pub(crate) fn seen(self, etag: Option<String>) -> IssueLookup {
        self.issue()
            .map_or(IssueLookup::PullRequest, |issue| IssueLookup::Issue {
                issue: Box::new(issue),
                etag,
            })
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

/// A repository, in a list or by itself.
#[derive(Debug, Deserialize)]
pub(crate) struct RepoRow {
    id: i64,
    full_name: RepoName,
    html_url: String,
    description: Option<String>,
    private: bool,
    archived: Option<bool>,
    disabled: Option<bool>,
    has_issues: Option<bool>,
    open_issues_count: i64,
}

impl From<RepoRow> for RepoSnapshot {
    fn from(row: RepoRow) -> Self {
        let no_work = row.archived == Some(true)
            || row.disabled == Some(true)
            || row.has_issues == Some(false);
        Self {
            github_id: row.id,
            name: row.full_name,
            url: row.html_url,
            description: row.description.map(|text| cut(text, TITLE_MAX)),
            private: row.private,
            // Core treats the three cases alike: no work on its issues is possible. A repository with issues switched off
            // answers 410 to every list, and would never count as synced if it were offered.
            archived: no_work,
            open_count: row.open_issues_count,
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
    use serde_json::{Value, json};

    use super::*;

    fn full() -> Value {
        json!({
            "number": 7, "title": "Login loops", "body": "Again.", "state": "open",
            "labels": [{"name": "bug"}, "p0", {"name": null}, {}],
            "assignees": [{"login": "ada"}, null],
            "milestone": {"number": 2, "title": "v1"},
            "user": {"login": "grace"},
            "created_at": "2025-01-02T03:04:05Z", "updated_at": "2025-01-02T05:04:05+02:00",
            "html_url": "https://github.com/acme/app/issues/7",
        })
    }

    fn read(value: Value) -> Result<Option<Issue>, serde_json::Error> {
        serde_json::from_value::<IssueRow>(value).map(IssueRow::issue)
    }

    #[test]
    fn an_issue_is_parsed_completely() {
        let at = Timestamp::parse("2025-01-02T03:04:05Z").unwrap();
        assert_eq!(
            read(full()).unwrap(),
            Some(Issue {
                number: IssueNumber::new(7).unwrap(),
                title: "Login loops".to_owned(),
                body: "Again.".to_owned(),
                state: IssueState::Open,
                labels: vec!["bug".to_owned(), "p0".to_owned()],
                assignees: vec!["ada".to_owned()],
                milestone: Some(Milestone {
                    number: 2,
                    title: "v1".to_owned()
                }),
                author: Some("grace".to_owned()),
                created_at: at,
                updated_at: at,
                url: "https://github.com/acme/app/issues/7".to_owned(),
            })
        );
    }

    #[test]
    fn nullable_fields_may_be_null_or_absent() {
        for field in [
            "body",
            "user",
            "milestone",
            "labels",
            "assignees",
            "pull_request",
        ] {
            let mut row = full();
            row[field] = Value::Null;
            assert!(read(row.clone()).unwrap().is_some(), "{field} null");
            row.as_object_mut().unwrap().remove(field);
            assert!(read(row).unwrap().is_some(), "{field} absent");
        }
    }

    #[test]
    fn required_fields_must_be_present_and_valid() {
        for field in [
            "number",
            "title",
            "state",
            "created_at",
            "updated_at",
            "html_url",
        ] {
            let mut row = full();
            row.as_object_mut().unwrap().remove(field);
            assert!(read(row).is_err(), "{field}");
        }
        for (field, wrong) in [
            ("number", json!(0)),
            ("number", json!(4_000_000_000_i64)),
            ("state", json!("ajar")),
            ("updated_at", json!("yesterday")),
            ("labels", json!(["bug", 7])),
            ("milestone", json!({"number": 2})),
        ] {
            let mut row = full();
            row[field] = wrong.clone();
            assert!(read(row).is_err(), "{field} {wrong}");
        }
    }

    #[test]
    fn a_pull_request_is_no_issue() {
        let mut row = full();
        row["pull_request"] = json!({"url": "https://api.github.com/repos/acme/app/pulls/7"});
        assert_eq!(read(row).unwrap(), None);
    }

    #[test]
    fn of_a_pull_request_in_a_list_its_number_and_its_state_are_enough() {
        let mut row = full();
        row["html_url"] = json!("https://github.com/acme/app/pull/7");
        for gone in [Value::Null, json!({"url": "x"}), json!(5)] {
            row["pull_request"] = gone;
            assert_eq!(read(row.clone()).unwrap(), None);
        }
        row["labels"] = json!(5);
        assert!(read(row.clone()).is_err());
        let listed = BadRow::of(&row).listed_pull().unwrap();
        assert_eq!((listed.number.get(), listed.open), (7, true));
        for field in ["number", "state", "updated_at"] {
            let mut row = row.clone();
            row[field] = json!(true);
            assert_eq!(BadRow::of(&row).listed_pull(), None, "{field}");
        }
        assert_eq!(BadRow::of(&full()).listed_pull(), None, "an issue");
    }

    #[test]
    fn a_repository_without_issues_offers_no_work_just_as_an_archived_one() {
        let repo = |extra: Value| {
            let mut row = json!({
                "id": 1, "full_name": "Acme/App", "html_url": "https://github.com/Acme/App", "description": null,
                "private": true, "open_issues_count": 3,
            });
            row.as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            RepoSnapshot::from(serde_json::from_value::<RepoRow>(row).unwrap())
        };
        let open = repo(json!({"archived": false, "disabled": false, "has_issues": true}));
        assert_eq!(
            (
                open.name.as_str(),
                open.private,
                open.archived,
                open.open_count
            ),
            ("Acme/App", true, false, 3)
        );
        assert!(!repo(json!({})).archived);
        for shut in [
            json!({"archived": true}),
            json!({"disabled": true}),
            json!({"has_issues": false}),
        ] {
            assert!(repo(shut.clone()).archived, "{shut}");
        }
    }

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
