//! The GitHub port over GitHub's REST API, version 2022-11-28, by any route.

mod access;
mod attempt_error;
mod client;
mod close;
mod comments;
mod contents;
mod credentials;
mod endpoint;
mod etag;
mod failover;
mod issues;
mod latest_comments;
mod link_header;
mod probe;
mod pulls;
mod rate_limit_headers;
mod rate_limiter;
mod reading;
mod relations;
mod response;
mod settings;
mod skew;
mod transport;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::{CommentList, Issue, IssueLookup, RelatedIssue};
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::HeadQuestion;
use issuecommand_core::ports::github::{
    Budget, Fetched, GitHub, IssueList, IssuePage, LatestComments, PullPage, PullRequestUpdates,
    RepoListing, TaggedComments, TaggedText, Written,
};

use self::client::Client;
pub use self::probe::{Listing, Probe};
pub use self::settings::{Backend, InvalidSettings, RestSettings};
pub use self::transport::gh::Gh;
use crate::api_types::{Account, RepoRow};

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
}

#[async_trait]
impl GitHub for Rest {
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError> {
        Ok(self.repo_listing().await?.repos)
    }

    async fn repo_listing(&self) -> Result<RepoListing, GithubError> {
        let query = [("sort", "full_name"), ("per_page", PER_PAGE)];
        let list = self.client.at("user/repos").with_query(&query);
        let (rows, bad) =
            self.all_readable::<RepoRow>(list)
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
        let repo = self.client.of_repo(name, "");
        let answer = self.client.get_following(repo, None).await?;
        Ok(self.client.parse::<RepoRow>(&answer)?.into())
    }

    async fn issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        page: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError> {
        self.page_of_issues(repo, list, page, etag).await
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError> {
        self.look_up(repo, number, etag).await
    }

    async fn moved_issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<(RepoSnapshot, Issue)>, GithubError> {
        self.follow_moved(repo, number).await
    }

    async fn repo_by_id(&self, github_id: i64) -> Result<RepoSnapshot, GithubError> {
        let repo = self.client.at(&format!("repositories/{github_id}"));
        let answer = self.client.get_following(repo, None).await?;
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

    async fn blocked_by(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<Vec<RelatedIssue>>, GithubError> {
        self.related(repo, number, "dependencies/blocked_by").await
    }

    async fn sub_issues(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<Vec<RelatedIssue>>, GithubError> {
        self.related(repo, number, "sub_issues").await
    }

    async fn file(
        &self,
        repo: &RepoName,
        path: &str,
        etag: Option<&str>,
    ) -> Result<Fetched<Option<TaggedText>>, GithubError> {
        self.text_of_file(repo, path, etag).await
    }

    async fn open_pulls(
        &self,
        repo: &RepoName,
        page: Option<&str>,
    ) -> Result<PullPage, GithubError> {
        self.page_of_pulls(repo, page).await
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

    async fn write(&self, write: &Write) -> Result<Written, GithubError> {
        match write {
            Write::CloseIssue { repo, number } => {
                let issue = self.close(repo, *number).await?;
                Ok(Written::Issue(Box::new(issue)))
            }
        }
    }

    fn skew(&self) -> Millis {
        self.client.skew()
    }

    fn budget(&self) -> Budget {
        self.client.budget()
    }
}
