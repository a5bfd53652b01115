//! The facts of an issue that not every server and message has. None of them makes a row unreadable: one that cannot be read
//! counts as left out.

use std::collections::BTreeMap;

use issuecommand_core::domain::bounds::cut;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{IssuePlace, RelationCount};
use issuecommand_core::domain::repo_name::RepoName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{NAME_MAX, NAMES_MAX};

/// An issue type, or an option of an issue field.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    name: String,
}

impl Named {
    pub(super) fn bounded(self) -> String {
        cut(self.name, NAME_MAX)
    }
}

/// The value of an issue field. Only fields with a single choice are read.
#[derive(Debug, Deserialize)]
pub(super) struct FieldRow {
    issue_field_name: Option<String>,
    single_select_option: Option<Named>,
}

/// The options of the fields that have a name and a choice.
pub(super) fn fields(rows: Vec<FieldRow>) -> BTreeMap<String, String> {
    let chosen = rows.into_iter().take(NAMES_MAX).filter_map(|row| {
        let name = cut(row.issue_field_name?, NAME_MAX);
        Some((name, row.single_select_option?.bounded()))
    });
    chosen.collect()
}

#[derive(Debug, Deserialize)]
pub(super) struct DependenciesSummary {
    blocked_by: u32,
    total_blocked_by: Option<u32>,
}

impl From<DependenciesSummary> for RelationCount {
    fn from(row: DependenciesSummary) -> Self {
        Self {
            open: row.blocked_by,
            total: row.total_blocked_by.unwrap_or_default().max(row.blocked_by),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct SubIssuesSummary {
    total: u32,
    completed: u32,
}

impl From<SubIssuesSummary> for RelationCount {
    fn from(row: SubIssuesSummary) -> Self {
        Self {
            open: row.total.saturating_sub(row.completed),
            total: row.total,
        }
    }
}

/// The issue at the end of an address, on the web or in the API.
pub(super) fn issue_at(url: &str) -> Option<IssuePlace> {
    let (home, number) = url.rsplit_once("/issues/")?;
    Some(IssuePlace {
        repo: repo_at(home)?,
        number: IssueNumber::new(number.parse().ok()?)?,
    })
}

/// The repository at the end of an address.
pub(super) fn repo_at(url: &str) -> Option<RepoName> {
    let (rest, name) = url.rsplit_once('/')?;
    let (_, owner) = rest.rsplit_once('/')?;
    RepoName::new(owner, name).ok()
}

/// A value that may be of a wrong type; then it is the default.
pub(super) fn lenient<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(from)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use issuecommand_core::domain::issue::{IssueFacts, Said};
    use serde_json::json;

    use super::*;
    use crate::api_types::IssueRow;

    fn facts(of: &Value) -> IssueFacts {
        let mut row = json!({
            "number": 7, "title": "Login loops", "body": null, "state": "open",
            "created_at": "2025-01-02T03:04:05Z", "updated_at": "2025-01-02T03:04:05Z",
            "html_url": "https://github.com/acme/app/issues/7",
        });
        row.as_object_mut()
            .unwrap()
            .extend(of.as_object().unwrap().clone());
        let row: IssueRow = serde_json::from_value(row).unwrap();
        row.issue().unwrap().more
    }

    #[test]
    fn optional_facts_are_read() {
        let more = facts(&json!({
            "type": {"id": 2, "node_id": "IT_2", "name": "Bug", "description": null},
            "parent_issue_url": "https://api.github.com/repos/acme/Web/issues/3",
            "author_association": "MEMBER",
            "user": {"login": "helper[bot]", "type": "Bot"},
            "issue_field_values": [
                {"issue_field_id": 1, "issue_field_name": "Priority", "node_id": "I", "data_type": "single_select",
                    "value": "High", "single_select_option": {"id": 7, "name": "High", "color": "RED"}},
                {"issue_field_id": 2, "issue_field_name": "Effort", "node_id": "J", "data_type": "number", "value": 3},
            ],
            "issue_dependencies_summary": {"blocked_by": 1, "blocking": 0, "total_blocked_by": 3, "total_blocking": 0},
            "sub_issues_summary": {"total": 4, "completed": 1, "percent_completed": 25},
        }));
        assert_eq!(more.kind, Said::Is("Bug".to_owned()));
        let parent = more.parent.value().unwrap();
        assert_eq!((parent.repo.as_str(), parent.number.get()), ("acme/Web", 3));
        assert_eq!(more.author_association.as_deref(), Some("MEMBER"));
        assert_eq!(more.author_bot, Some(true));
        let fields: Vec<_> = more.fields.unwrap().into_iter().collect();
        assert_eq!(fields, [("Priority".to_owned(), "High".to_owned())]);
        let count = |count: Option<RelationCount>| count.map(|it| (it.open, it.total));
        assert_eq!(count(more.blockers), Some((1, 3)));
        assert_eq!(count(more.children), Some((3, 4)));
    }

    #[test]
    fn null_is_none_and_an_unreadable_fact_is_left_out() {
        let more = facts(&json!({"type": null, "parent_issue_url": null}));
        assert_eq!(more.kind, Said::Nothing);
        assert_eq!(more.parent, Said::Nothing);
        for wrong in [
            json!(5),
            json!("x"),
            json!([5]),
            json!({"x": 5}),
            json!(true),
        ] {
            let more = facts(&json!({
                "type": wrong, "parent_issue_url": wrong, "issue_field_values": wrong,
                "issue_dependencies_summary": wrong, "sub_issues_summary": wrong,
                "user": {"login": "grace", "type": 5},
            }));
            assert!(
                more.is_empty() || more.fields.is_some(),
                "{wrong}: {more:?}"
            );
            assert!(more.kind.is_unsaid() && more.parent.is_unsaid(), "{wrong}");
            assert_eq!(
                (more.blockers, more.children, more.author_bot),
                (None, None, None)
            );
        }
    }
}
