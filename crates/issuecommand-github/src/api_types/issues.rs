//! Issues, as the API and deliveries return them.

use issuecommand_core::domain::bounds::{TITLE_MAX, cut};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{
    Issue, IssueFacts, IssueLookup, IssueState, Milestone, Said,
};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::time::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::issue_facts::{
    DependenciesSummary, FieldRow, Named, SubIssuesSummary, fields, issue_at, lenient,
};
use super::{Account, BODY_MAX, NAME_MAX, NAMES_MAX, moment, number, state};

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
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    kind: Said<Named>,
    #[serde(default, deserialize_with = "lenient")]
    parent_issue_url: Said<String>,
    #[serde(default, deserialize_with = "lenient")]
    author_association: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    issue_field_values: Option<Vec<FieldRow>>,
    #[serde(default, deserialize_with = "lenient")]
    issue_dependencies_summary: Option<DependenciesSummary>,
    #[serde(default, deserialize_with = "lenient")]
    sub_issues_summary: Option<SubIssuesSummary>,
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
        let more = IssueFacts {
            kind: self.kind.and_then(|kind| Some(kind.bounded())),
            parent: self.parent_issue_url.and_then(|url| issue_at(&url)),
            author_association: self.author_association.map(|word| cut(word, NAME_MAX)),
            author_bot: self.user.as_ref().and_then(Account::is_bot),
            fields: self.issue_field_values.map(fields),
            blockers: self.issue_dependencies_summary.map(Into::into),
            children: self.sub_issues_summary.map(Into::into),
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
            more,
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

/// Whether this is the URL of a pull request's page.
pub(super) fn is_page_of_pull(url: &str) -> bool {
    url.contains("/pull/")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api_types::BadRow;

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
                more: IssueFacts::default(),
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
}
