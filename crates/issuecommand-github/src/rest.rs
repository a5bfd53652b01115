//! The GitHub port over GitHub's REST API, version 2022-11-28, by any route.

mod access;
mod attempt_error;
mod client;
mod comments;
mod etag;
mod failover;
mod latest_comments;
mod link_header;
mod probe;
mod pulls;
mod rate_limit_headers;
mod rate_limiter;
mod reading;
mod response;
mod settings;
mod skew;
mod transport;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{
    CommentList, Issue, IssueLookup, IssueState, WithheldReason,
};
use issuecommand_core::domain::pull_request::{LinkedPull, ListedPull};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::HeadQuestion;
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, LatestComments, PullRequestUpdates, RepoListing,
    TaggedComments,
};
use reqwest::{StatusCode, Url};
use serde_json::json;

use self::client::Client;
pub use self::probe::{Listing, Probe};
use self::reading::is_later;
pub use self::settings::{Backend, InvalidSettings, RestSettings};
pub use self::transport::gh::Gh;
use crate::api_types::{Account, BadRow, IssueRow, RepoRow};

/// The most rows that GitHub returns per page.
const PER_PAGE: &str = "100";
/// The number of rows of a full page.
const FULL: usize = 100;
/// The most pages of a list that is read to its end: 10,000 rows.
const PAGES: usize = 100;
/// The error text for a list whose next page was read before.
const CIRCLE: &str = "a list whose pages lead in a circle";

/// GitHub's REST API. All callers share the credential's budget of requests.
#[derive(Debug)]
pub struct Rest {
    client: Client,
    /// Cached last comments of issues.
    kept_comments: latest_comments::Kept,
}

impl Rest {
    /// A client; sends no request yet. `clock` measures the waits that GitHub demands; timeouts use real time.
    ///
    /// # Errors
    /// [`InvalidSettings`] if the base or the token is invalid, or the machine has no CA certificates.
    pub fn new(settings: &RestSettings, clock: Arc<dyn Clock>) -> Result<Self, InvalidSettings> {
        Ok(Self {
            client: Client::new(settings, clock)?,
            kept_comments: latest_comments::Kept::default(),
        })
    }

    fn issue_at(&self, repo: &RepoName, number: IssueNumber) -> Url {
        self.client.at(&format!("repos/{repo}/issues/{number}"))
    }

    fn list_at(&self, repo: &RepoName, list: IssueList) -> Url {
        let mut url = self.client.at(&format!("repos/{repo}/issues"));
        {
            let mut query = url.query_pairs_mut();
            match list {
                IssueList::Open => query.append_pair("state", "open"),
                IssueList::ChangedSince(since) => query
                    .append_pair("state", "all")
                    .append_pair("since", &since.as_github()),
            };
            query
                .append_pair("sort", "updated")
                .append_pair("direction", "desc")
                .append_pair("per_page", PER_PAGE);
        }
        url
    }

    /// Closes an issue under this repository name. `None` if it is not there any more.
    async fn close_here(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<Issue>, GithubError> {
        let url = self.issue_at(repo, number);
        let refuse = |kind, status, words: &str| {
            Err(GithubError {
                kind,
                status,
                ..self
                    .client
                    .unexpected(&format!("PATCH {}", url.path()), words)
            })
        };
        // Read first: a PATCH would overwrite the reason of a closed issue with "completed", and would close a pull request.
        match self.issue(repo, number, None).await? {
            IssueLookup::Issue { issue, .. } if issue.state == IssueState::Closed => {
                return Ok(Some(*issue));
            }
            IssueLookup::Issue { .. } => {}
            IssueLookup::Doubtful(WithheldReason::Moved) | IssueLookup::Transferred { .. } => {
                return Ok(None);
            }
            IssueLookup::Doubtful(doubt) => {
                return refuse(
                    GithubErrorKind::NotFound,
                    Some(if doubt == WithheldReason::Gone {
                        410
                    } else {
                        404
                    }),
                    "not sent, for GitHub shows no such issue",
                );
            }
            IssueLookup::PullRequest | IssueLookup::Unchanged => {
                return refuse(
                    GithubErrorKind::Unexpected,
                    None,
                    "not sent, for this is no issue",
                );
            }
        }
        let answer = self
            .client
            .patch(
                url.clone(),
                &json!({"state": "closed", "state_reason": "completed"}),
            )
            .await?;
        if answer.moved() {
            return Ok(None);
        }
        match self.client.parse::<IssueRow>(&answer)?.issue() {
            Some(issue) if issue.state == IssueState::Closed && issue.number == number => {
                Ok(Some(issue))
            }
            _ => refuse(
                GithubErrorKind::Unexpected,
                None,
                "answered with something else than the closed issue",
            ),
        }
    }
}

#[async_trait]
impl GitHub for Rest {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        Ok(self.repo_listing().await?.repos)
    }

    async fn repo_listing(&self) -> Result<RepoListing, GithubError> {
        let mut url = self.client.at("user/repos");
        url.query_pairs_mut()
            .append_pair("sort", "full_name")
            .append_pair("per_page", PER_PAGE);
        let (rows, bad) =
            self.all_readable::<RepoRow>(url)
                .await
                .map_err(|error| match error.kind {
                    // A 404 of this path means that the API is missing, not a repository.
                    GithubErrorKind::NotFound => GithubError {
                        kind: GithubErrorKind::Unexpected,
                        ..error
                    },
                    _ => error,
                })?;
        // A repository created while pages are read shifts another onto the next page, so that it is listed twice.
        let mut known = BTreeSet::new();
        let repos = (rows.into_iter().map(RepoSnapshot::from))
            .filter(|repo| known.insert(repo.github_id))
            .collect();
        let unreadable = bad.into_iter().map(Into::into).collect();
        Ok(RepoListing { repos, unreadable })
    }

    async fn repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError> {
        let answer = self
            .client
            .get_following(self.client.at(&format!("repos/{name}")), None)
            .await?;
        Ok(self.client.parse::<RepoRow>(&answer)?.into())
    }

    async fn issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        page: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        let url = match page {
            None => self.list_at(repo, list),
            Some(page) => {
                self.next_page(&format!("GET {}", self.list_at(repo, list).path()), page)?
            }
        };
        let answer = self.client.get_following(url, etag).await?;
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
        let next = answer
            .next()
            .map(|next| self.next_page(&answer.request, &next))
            .transpose()?;
        if next
            .as_ref()
            .is_some_and(|next| *next == answer.url || !is_later(next, &answer.url))
        {
            return Err(self.client.unexpected(&answer.request, CIRCLE));
        }
        let pulls = rows.iter().filter_map(IssueRow::listed_pull).chain(listed);
        let pulls = pulls.collect();
        let unreadable = bad.into_iter().filter(|row| row.listed_pull().is_none());
        Ok(Fetched::New(IssuePage {
            newest,
            pulls,
            issues: rows.into_iter().filter_map(IssueRow::issue).collect(),
            unreadable: unreadable.map(Into::into).collect(),
            next: next.map(String::from),
            etag: answer.validator,
        }))
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        // Redirects are not followed, because the target may belong to another repository.
        let answer = self.client.get(self.issue_at(repo, number), etag).await?;
        match answer.status {
            _ if answer.unchanged => Ok(IssueLookup::Unchanged),
            StatusCode::NOT_FOUND => Ok(IssueLookup::Doubtful(WithheldReason::NotFound)),
            StatusCode::GONE => Ok(IssueLookup::Doubtful(WithheldReason::Gone)),
            _ if answer.moved() => Ok(IssueLookup::Doubtful(WithheldReason::Moved)),
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

    async fn moved_issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<(RepoSnapshot, Issue)>, GithubError> {
        let url = self.issue_at(repo, number);
        let answer = self.client.get_following(url, None).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        let Some(issue) = self.client.parse::<IssueRow>(&answer)?.issue() else {
            return Ok(None);
        };
        // The redirect led to the issue below its present repository.
        let mut home = answer.url.clone();
        let path = home
            .path()
            .strip_suffix(&format!("/issues/{}", issue.number));
        let Some(path) = path.map(str::to_owned) else {
            let words = "a redirect to an issue that names no repository";
            return Err(self.client.unexpected(&answer.request, words));
        };
        home.set_path(&path);
        home.set_query(None);
        let answer = self.client.get_following(home, None).await?;
        let facts = self.client.parse::<RepoRow>(&answer)?;
        Ok(Some((facts.into(), issue)))
    }

    async fn repo_by_id(&self, github_id: i64) -> Result<RepoSnapshot, GithubError> {
        let url = self.client.at(&format!("repositories/{github_id}"));
        let answer = self.client.get_following(url, None).await?;
        Ok(self.client.parse::<RepoRow>(&answer)?.into())
    }

    async fn comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<CommentList, GithubError> {
        match self.changed_comments(repo, number, None).await? {
            Fetched::New(comments) => Ok(comments.list),
            Fetched::Unchanged => Ok(CommentList::default()),
        }
    }

    async fn changed_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<Fetched<TaggedComments>, GithubError> {
        self.comments_of(repo, number, etag).await
    }

    async fn latest_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<LatestComments, GithubError> {
        self.last_comments(repo, number).await
    }

    async fn pull_news(&self, pull: &LinkedPull) -> Result<PullRequestUpdates, GithubError> {
        self.news_of(pull).await
    }

    async fn merges_base(&self, question: &HeadQuestion) -> Result<Option<String>, GithubError> {
        self.merge_of_base(question).await
    }

    async fn can_write(&self, repo: &RepoName, login: &str) -> Result<bool, GithubError> {
        self.may_write(repo, login).await
    }

    async fn viewer(&self) -> Result<String, GithubError> {
        let answer = self.client.get(self.client.at("user"), None).await?;
        Ok(self.client.parse::<Account>(&answer)?.login)
    }

    async fn close_issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Issue, GithubError> {
        if let Some(issue) = self.close_here(repo, number).await? {
            return Ok(issue);
        }
        // The repository was renamed since the write was stored, or the issue was transferred. Only a rename is followed.
        let present = self.repo(repo).await?.name;
        if present != *repo
            && let Some(issue) = self.close_here(&present, number).await?
        {
            return Ok(issue);
        }
        let words = "the issue was transferred to another repository";
        let request = format!("PATCH {}", self.issue_at(repo, number).path());
        Err(GithubError {
            kind: GithubErrorKind::NotFound,
            status: Some(301),
            ..self.client.unexpected(&request, words)
        })
    }

    fn skew(&self) -> Millis {
        self.client.skew()
    }

    fn budget(&self) -> Budget {
        self.client.budget()
    }
}
