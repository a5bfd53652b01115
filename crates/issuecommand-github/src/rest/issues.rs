//! Reads issues: one page of a list, one issue, and an issue that moved.

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{Issue, IssueLookup, WithheldReason};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::ports::github::{Fetched, IssueList, IssuePage};
use reqwest::StatusCode;

use super::endpoint::Endpoint;
use super::{PER_PAGE, Rest};
use crate::api_types::{BadRow, IssueRow, RepoRow};

impl Rest {
    pub(super) fn issue_at(&self, repo: &RepoName, number: IssueNumber) -> Endpoint {
        self.client.of_repo(repo, &format!("issues/{number}"))
    }

    fn list_at(&self, repo: &RepoName, list: IssueList) -> Endpoint {
        let issues = self.client.of_repo(repo, "issues");
        let issues = match list {
            IssueList::Open => issues.with_query(&[("state", "open")]),
            IssueList::ChangedSince(since) => {
                issues.with_query(&[("state", "all"), ("since", &since.as_github())])
            }
        };
        issues.with_query(&[
            ("sort", "updated"),
            ("direction", "desc"),
            ("per_page", PER_PAGE),
        ])
    }

    /// See [`issuecommand_core::ports::github::GitHub::issues`].
    pub(super) async fn page_of_issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        page: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        let first = self.list_at(repo, list);
        let page = match page {
            None => first,
            Some(page) => self.next_page(&first, page)?,
        };
        let answer = self.client.get_following(page, etag).await?;
        if answer.unchanged {
            return Ok(Fetched::Unchanged);
        }
        let (rows, bad) = self.client.rows::<IssueRow>(&answer)?;
        // Of a pull request only the number and the state are used.
        let listed: Vec<ListedPull> = bad.iter().filter_map(BadRow::listed_pull).collect();
        let newest = rows.iter().map(|row| row.updated_at);
        let newest = newest.chain(bad.iter().filter_map(|row| row.updated_at));
        // A time in GitHub's future must not become the watermark.
        let ahead = self.client.github_now().plus(Millis::minutes(1));
        let newest = newest.filter(|at| *at <= ahead).max();
        let next = self.following(&answer)?;
        let pulls = rows.iter().filter_map(IssueRow::listed_pull).chain(listed);
        let pulls = pulls.collect();
        let unreadable = bad.into_iter().filter(|row| row.listed_pull().is_none());
        Ok(Fetched::New(IssuePage {
            newest,
            pulls,
            issues: rows.into_iter().filter_map(IssueRow::issue).collect(),
            unreadable: unreadable.map(Into::into).collect(),
            next,
            etag: answer.validator,
        }))
    }

    /// See [`issuecommand_core::ports::github::GitHub::issue`].
    pub(super) async fn look_up(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        // Redirects are not followed, because the target may belong to another repository.
        let answer = self.client.get(self.issue_at(repo, number), etag).await?;
        match answer.status {
            _ if answer.unchanged => Ok(IssueLookup::Unchanged),
            StatusCode::NOT_FOUND => Ok(IssueLookup::Withheld(WithheldReason::NotFound)),
            StatusCode::GONE => Ok(IssueLookup::Withheld(WithheldReason::Gone)),
            _ if answer.moved() => Ok(IssueLookup::Withheld(WithheldReason::Moved)),
            _ => {
                let row = self.client.parse::<IssueRow>(&answer)?;
                if row.number() != number {
                    return Err(self
                        .client
                        .unexpected(&answer.request, "answered with another issue"));
                }
                Ok(row.seen(answer.validator))
            }
        }
    }

    /// See [`issuecommand_core::ports::github::GitHub::moved_issue`].
    pub(super) async fn follow_moved(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<(RepoSnapshot, Issue)>, GithubError> {
        let issue = self.issue_at(repo, number);
        let answer = self.client.get_following(issue, None).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        let Some(issue) = self.client.parse::<IssueRow>(&answer)?.issue() else {
            return Ok(None);
        };
        // The redirect led to the issue below its present repository.
        let mut home = answer.endpoint.clone();
        let path = (home.url)
            .path()
            .strip_suffix(&format!("/issues/{}", issue.number));
        let Some(path) = path.map(str::to_owned) else {
            let words = "a redirect to an issue that names no repository";
            return Err(self.client.unexpected(&answer.request, words));
        };
        home.url.set_path(&path);
        home.url.set_query(None);
        let answer = self.client.get_following(home, None).await?;
        let facts = self.client.parse::<RepoRow>(&answer)?;
        Ok(Some((facts.into(), issue)))
    }
}
