//! The GitHub port: what the use cases ask of GitHub, and in which form it answers.

use std::fmt;

use async_trait::async_trait;

use crate::domain::failure::{GithubError, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{Comment, CommentList, Issue, IssueLookup};
use crate::domain::pull_request::{LinkedPull, ListedPull, PullValidators};
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::GithubEvent;
use crate::engine::command::HeadQuestion;

/// Which issues a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueList {
    /// All open ones.
    Open,
    /// Open and closed ones that changed at or after the moment.
    ChangedSince(Timestamp),
}

/// A row of a list that could not be read and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The number of its issue, where at least that could be read: the issue can then be asked for by itself.
    pub number: Option<IssueNumber>,
    /// Why it could not be read. Holds no text of the row.
    pub reason: String,
}

/// One page of a list, the most recently updated first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuePage {
    /// The issues on it, without pull requests.
    pub issues: Vec<Issue>,
    /// The pull requests on it.
    pub pulls: Vec<ListedPull>,
    /// The rows that could not be read. They say nothing of their issues, not even that they are there.
    pub unreadable: Vec<UnreadableRow>,
    /// The newest `updated_at` on it, pull requests included.
    pub newest: Option<Timestamp>,
    /// Where the next page is, opaque; `None` on the last.
    pub next: Option<String>,
    /// The page's validator, opaque, bound to one credential.
    pub etag: Option<String>,
}

/// The comments of an issue, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggedComments {
    /// They.
    pub list: CommentList,
    /// The validator of the list, opaque, bound to one credential; `None` where it cannot tell that nothing changed.
    pub etag: Option<String>,
}

/// A list of repositories, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepoListing {
    /// The repositories.
    pub repos: Vec<RepoSnapshot>,
    /// The rows that could not be read. They say nothing of their repositories.
    pub unreadable: Vec<UnreadableRepo>,
}

/// A row of a list of repositories that could not be read and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRepo {
    /// The name of the repository, where at least that could be read.
    pub name: Option<RepoName>,
    /// Why it could not be read. Holds no text of the row.
    pub reason: String,
}

/// What a poll of one pull request found, in the words of deliveries, so that both make the same follow-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequestUpdates {
    /// What it means: the pull request itself first, then reviews and comments. Empty when nothing changed.
    pub meanings: Vec<GithubEvent>,
    /// The validators for the next poll. Of what could not be read whole there is none.
    pub validators: PullValidators,
    /// What of it could not be read and was skipped: it says nothing, and is read again by the next poll.
    pub unreadable: Vec<UnreadableRow>,
}

/// An answer to a conditional request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched<T> {
    /// 200.
    New(T),
    /// 304.
    Unchanged,
}

/// The end of the talk under an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatestComments {
    /// The last [`LatestComments::MOST`], or all where there are no more; the oldest first.
    pub comments: Vec<Comment>,
    /// How many there are in all.
    pub total: usize,
}

impl LatestComments {
    /// How many are told at most.
    pub const MOST: usize = 3;

    /// Of all comments of an issue.
    pub fn of(list: CommentList) -> Self {
        let mut comments = list.comments;
        let left_out = list.gap.and_then(|gap| gap.count).unwrap_or_default();
        let total = comments.len() + left_out;
        Self {
            comments: comments.split_off(comments.len().saturating_sub(Self::MOST)),
            total,
        }
    }
}

/// What is known of the credential's budget, for health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests left until the reset.
    pub remaining: Option<i64>,
    /// Requests granted from one reset to the next.
    pub limit: Option<i64>,
    /// When the budget is full again.
    pub resets_at: Option<Timestamp>,
    /// How long GitHub must be left alone from now on; `None` when it need not.
    pub waiting: Option<Millis>,
}

/// GitHub. An implementation keeps to GitHub's limits by itself: while it must wait it answers `Limited` at once, with the wait.
#[async_trait]
pub trait GitHub: Send + Sync + fmt::Debug {
    /// All repositories that the credential sees.
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError>;

    /// The same with the rows that could not be read, by an adapter that can tell of them.
    async fn repo_listing(&self) -> Result<RepoListing, GithubError> {
        let repos = self.repos().await?;
        Ok(RepoListing {
            repos,
            unreadable: Vec::new(),
        })
    }

    /// One repository, under its present name: a renamed or transferred one is followed.
    async fn repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError>;

    /// One page of a list of issues; the first when `page` is `None`. `etag` is that of an earlier answer to the same call.
    async fn issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        page: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError>;

    /// One issue. 404, 410 and 301 are answers here, not errors.
    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError>;

    /// Where an issue is to which GitHub answers 301: its present repository and the issue as it is there. `None` when it is
    /// not to be seen there.
    async fn moved_issue(
        &self,
        _repo: &RepoName,
        _number: IssueNumber,
    ) -> Result<Option<(RepoSnapshot, Issue)>, GithubError> {
        Ok(None)
    }

    /// One repository by GitHub's id, whatever it is called now.
    async fn repo_by_id(&self, github_id: i64) -> Result<RepoSnapshot, GithubError> {
        let repos = self.repos().await?;
        let found = repos.into_iter().find(|repo| repo.github_id == github_id);
        found.ok_or_else(|| GithubError {
            kind: GithubErrorKind::NotFound,
            retry_after: None,
            status: None,
            detail: format!("no repository has the id {github_id}"),
        })
    }

    /// The comments of one issue, the oldest first. Where there are too many of them, the first and the last.
    async fn comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<CommentList, GithubError>;

    /// The same, where they may have changed since the answer that had this validator. An adapter that cannot ask so reads all.
    async fn changed_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<Fetched<TaggedComments>, GithubError> {
        let _ = etag;
        let list = self.comments(repo, number).await?;
        Ok(Fetched::New(TaggedComments { list, etag: None }))
    }

    /// The last comments of one issue. An adapter should ask for no more than these.
    async fn latest_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<LatestComments, GithubError> {
        self.comments(repo, number).await.map(LatestComments::of)
    }

    /// What is new of a pull request since the poll that left these validators: its state, its head, reviews that ask for
    /// changes or were dismissed, comments on its lines and under it. Without validators it tells all there is.
    async fn pull_news(&self, pull: &LinkedPull) -> Result<PullRequestUpdates, GithubError>;

    /// Whether a commit does nothing but merge the base branch of its pull request, and into which commit. One request, which
    /// is given up after two seconds.
    async fn merges_base(&self, question: &HeadQuestion) -> Result<Option<String>, GithubError> {
        let _ = question;
        Ok(None)
    }

    /// Whether GitHub says that this account may write to the repository. Who is not known there may not. An adapter that
    /// cannot ask says no.
    async fn can_write(&self, _repo: &RepoName, _login: &str) -> Result<bool, GithubError> {
        Ok(false)
    }

    /// The login that the credential speaks for.
    async fn viewer(&self) -> Result<String, GithubError>;

    /// Closes an issue as completed; closing a closed one changes nothing.
    async fn close_issue(&self, repo: &RepoName, number: IssueNumber)
    -> Result<Issue, GithubError>;

    /// What is known of the budget, without asking.
    fn budget(&self) -> Budget;

    /// GitHub's clock minus ours in milliseconds, by the `Date` header of its last answer; 0 while the two agree to within
    /// two seconds and while nothing is known. Times of GitHub's objects are compared with ours through it alone.
    fn skew(&self) -> Millis {
        Millis(0)
    }
}
