//! Repositories, as the API and deliveries return them.

use issuecommand_core::domain::bounds::{TITLE_MAX, cut};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use serde::Deserialize;

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

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
}
