//! A commit, and whether it only merges the base branch.

use issuecommand_core::engine::command::HeadQuestion;
use serde::Deserialize;

use super::Account;

/// The account that commits on behalf of users of GitHub's web pages.
const WEB_FLOW: &str = "web-flow";

/// A commit as `/commits/SHA` returns it. Its dates come from the author's clock and are not read.
#[derive(Debug, Deserialize)]
pub(crate) struct CommitRow {
    parents: Option<Vec<ParentRow>>,
    committer: Option<Account>,
    commit: MessageRow,
}

#[derive(Debug, Deserialize)]
struct ParentRow {
    sha: String,
}

#[derive(Debug, Deserialize)]
struct MessageRow {
    message: Option<String>,
}

impl CommitRow {
    /// The commit into which it merges the base branch, if it does nothing else: its other parent is the tip of the base, or
    /// GitHub made it for "Update branch".
    pub(crate) fn merges_base(&self, question: &HeadQuestion) -> Option<String> {
        let [into, merged] = self.parents.as_deref()? else {
            return None;
        };
        let is_base = question.base_sha.as_ref() == Some(&merged.sha);
        (is_base || self.is_update_of(question.base.as_deref()?)).then(|| into.sha.clone())
    }

    fn is_update_of(&self, base: &str) -> bool {
        let by_github = self
            .committer
            .as_ref()
            .is_some_and(|by| by.login == WEB_FLOW);
        let first = self
            .commit
            .message
            .as_deref()
            .unwrap_or_default()
            .lines()
            .next();
        let says = format!("Merge branch '{base}' into ");
        by_github && first.is_some_and(|line| line.starts_with(&says))
    }
}

#[cfg(test)]
mod tests {
    use issuecommand_core::domain::id::IssueNumber;
    use issuecommand_core::domain::repo_name::RepoName;
    use serde_json::{Value, json};

    use super::*;

    fn merged(commit: Value, base_sha: Option<&str>) -> Option<String> {
        let question = HeadQuestion {
            repo: RepoName::parse("acme/app").unwrap(),
            number: IssueNumber::new(7).unwrap(),
            sha: "c".to_owned(),
            base: Some("main".to_owned()),
            base_sha: base_sha.map(str::to_owned),
        };
        serde_json::from_value::<CommitRow>(commit)
            .unwrap()
            .merges_base(&question)
    }

    fn merge(login: &str, message: &str) -> Value {
        json!({
            "sha": "c", "parents": [{"sha": "a"}, {"sha": "m"}], "committer": {"login": login},
            "commit": {"message": message, "committer": {"date": "2999-01-01T00:00:00Z"}},
        })
    }

    #[test]
    fn a_merge_of_the_base_is_known_by_its_parent_or_by_github() {
        let update = "Merge branch 'main' into work\n\nmore";
        assert_eq!(
            merged(merge("web-flow", update), None).as_deref(),
            Some("a")
        );
        assert_eq!(
            merged(merge("ada", "Sync"), Some("m")).as_deref(),
            Some("a")
        );
        for other in [
            merge("ada", update),
            merge("web-flow", "Merge branch 'main-2' into work"),
            merge("web-flow", "Fix it"),
            json!({"parents": [{"sha": "a"}], "commit": {}, "committer": null}),
            json!({"parents": [{"sha": "a"}, {"sha": "m"}, {"sha": "n"}], "commit": {}}),
            json!({"parents": null, "commit": {"message": null}}),
        ] {
            assert_eq!(merged(other.clone(), Some("x")), None, "{other}");
        }
    }
}
