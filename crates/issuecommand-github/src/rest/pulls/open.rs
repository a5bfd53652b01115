//! Lists the open pull requests of a repository.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::ports::github::PullPage;
use serde_json::Value;

use super::super::{PER_PAGE, Rest};
use super::{PullRow, change, repo_named, repo_seen};

impl Rest {
    /// See [`issuecommand_core::ports::github::GitHub::open_pulls`].
    pub(in super::super) async fn page_of_pulls(
        &self,
        repo: &RepoName,
        page: Option<&str>,
    ) -> Result<PullPage, GithubError> {
        let first = self.client.of_repo(repo, "pulls").with_query(&[
            ("state", "open"),
            ("sort", "updated"),
            ("direction", "desc"),
            ("per_page", PER_PAGE),
        ]);
        let page = match page {
            None => first,
            Some(page) => self.next_page(&first, page)?,
        };
        let answer = self.client.get_following(page, None).await?;
        let rows = self.client.parse::<Vec<Value>>(&answer)?;
        let next = self.following(&answer)?;
        Ok(PullPage {
            pulls: rows.iter().filter_map(|row| told(repo, row)).collect(),
            next,
        })
    }
}

/// What a row tells, if all of it that is needed can be read. Other rows prove nothing, and a delivery or a poll of the pull request
/// alone names what is wrong with them.
fn told(repo: &RepoName, object: &Value) -> Option<GithubEvent> {
    let mut object = object.clone();
    // Lists leave it out, and an open one is not merged.
    let fields = object.as_object_mut()?;
    fields.entry("merged").or_insert(Value::Bool(false));
    let (row, bad) = PullRow::readable(&object);
    let repo = repo_seen(&object["base"]["repo"]).unwrap_or_else(|| repo_named(repo));
    let number = IssueNumber::new(row.number?)?;
    if row.lacks(&bad).is_some() {
        return None;
    }
    let facts = row.facts(number, &repo.name, None)?;
    let change = change(&row, &facts);
    Some(GithubEvent::Pull {
        repo,
        pull: facts,
        action: "poll".to_owned(),
        change,
    })
}
