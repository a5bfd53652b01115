//! The GitHub port: the calls that the use cases make, and the types of the answers.

use std::fmt;

use async_trait::async_trait;

use crate::domain::failure::{GithubError, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{Comment, CommentList, Issue, IssueLookup, RelatedIssue};
use crate::domain::outbox::Write;
use crate::domain::pull_request::{LinkedPull, ListedPull, PullValidators};
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::GithubEvent;
use crate::engine::command::HeadQuestion;

/// Which issues a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssueList {
    /// All open issues.
    Open,
    /// Open and closed issues with an `updated_at` at or after this time.
    ChangedSince(Timestamp),
}

/// A row of a list that could not be read and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The issue number, if at least that could be read. The issue can then be requested by itself.
    pub number: Option<IssueNumber>,
    /// Why it could not be read. Contains no text of the row.
    pub reason: String,
}

/// One page of a list, most recently updated first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuePage {
    /// The issues on the page, without pull requests.
    pub issues: Vec<Issue>,
    /// The pull requests on the page.
    pub pulls: Vec<ListedPull>,
    /// The rows that could not be read. They are no evidence about their issues, not even that those exist.
    pub unreadable: Vec<UnreadableRow>,
    /// The newest `updated_at` on the page, pull requests included.
    pub newest: Option<Timestamp>,
    /// Opaque cursor of the next page; `None` on the last page.
    pub next: Option<String>,
    /// The page's validator: opaque, bound to one credential.
    pub etag: Option<String>,
}

/// A page of the open pull requests of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullPage {
    /// One event for each that could be read, as a poll of it alone would tell.
    pub pulls: Vec<GithubEvent>,
    /// Opaque cursor of the next page; `None` on the last page.
    pub next: Option<String>,
}

/// The comments of an issue with their validator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggedComments {
    /// The comments, oldest first.
    pub list: CommentList,
    /// The list's validator: opaque, bound to one credential. `None` if it cannot show that nothing changed.
    pub etag: Option<String>,
}

/// A list of repositories and the rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepoListing {
    /// The readable repositories.
    pub repos: Vec<RepoSnapshot>,
    /// The rows that could not be read. They are no evidence about their repositories.
    pub unreadable: Vec<UnreadableRepo>,
}

/// A row of a list of repositories that could not be read and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRepo {
    /// The repository's name, if at least that could be read.
    pub name: Option<RepoName>,
    /// Why it could not be read. Contains no text of the row.
    pub reason: String,
}

/// The result of polling one pull request, as the same events that deliveries decode to. Both paths create the same follow-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequestUpdates {
    /// The decoded events: the pull request first, then reviews and comments. Empty when nothing changed.
    pub meanings: Vec<GithubEvent>,
    /// The validators for the next poll. Lists that could not be read completely have none.
    pub validators: PullValidators,
    /// The rows that could not be read and were skipped. The next poll reads them again.
    pub unreadable: Vec<UnreadableRow>,
}

/// The text of a file with its validator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggedText {
    /// The whole text.
    pub text: String,
    /// The validator: opaque, bound to one credential.
    pub etag: Option<String>,
}

/// An answer to a conditional request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched<T> {
    /// A new answer (200).
    New(T),
    /// Nothing changed (304).
    Unchanged,
}

/// The most recent comments of an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatestComments {
    /// The last [`LatestComments::MOST`] comments, or all if there are fewer; oldest first.
    pub comments: Vec<Comment>,
    /// How many comments the issue has.
    pub total: usize,
}

impl LatestComments {
    /// The most comments that are returned.
    pub const MOST: usize = 3;

    /// The last comments of a complete list.
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

/// The known rate-limit budget of the credential, for health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Requests left until the reset.
    pub remaining: Option<i64>,
    /// Requests granted per window.
    pub limit: Option<i64>,
    /// When the budget is full again.
    pub resets_at: Option<Timestamp>,
    /// How long no request may be sent to GitHub; `None` if requests may be sent.
    pub waiting: Option<Millis>,
}

/// What GitHub shows after a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// The issue that was written to, as it is now.
    Issue(Box<Issue>),
}

/// The GitHub API. An implementation enforces GitHub's rate limits itself: while it must wait, it returns `Limited` at once
/// with the remaining wait.
#[async_trait]
pub trait GitHub: Send + Sync + fmt::Debug {
    /// All repositories that are visible to the credential.
    async fn repos(&self) -> Result<Vec<RepoSnapshot>, GithubError>;

    /// Like [`GitHub::repos`], with the rows that could not be read. The default reports no such rows.
    async fn repo_listing(&self) -> Result<RepoListing, GithubError> {
        let repos = self.repos().await?;
        Ok(RepoListing {
            repos,
            unreadable: Vec::new(),
        })
    }

    /// One repository under its present name. Renames and transfers are followed.
    async fn repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError>;

    /// One page of a list of issues; the first page when `page` is `None`. `etag` is from an earlier answer to the same call.
    async fn issues(
        &self,
        repo: &RepoName,
        list: IssueList,
        page: Option<&str>,
        etag: Option<&str>,
    ) -> Result<Fetched<IssuePage>, GithubError>;

    /// One issue. 404, 410 and 301 are results here, not errors.
    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
    ) -> Result<IssueLookup, GithubError>;

    /// The new place of an issue for which GitHub answers 301: its present repository and the issue there. `None` if the
    /// credential cannot see it.
    async fn moved_issue(
        &self,
        _repo: &RepoName,
        _number: IssueNumber,
    ) -> Result<Option<(RepoSnapshot, Issue)>, GithubError> {
        Ok(None)
    }

    /// One repository by GitHub's id, under its present name.
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

    /// The comments of one issue, oldest first. If there are too many, the first and the last of them.
    async fn comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<CommentList, GithubError>;

    /// Like [`GitHub::comments`], conditional on a validator from an earlier answer. The default reads all comments.
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

    /// The last comments of one issue. An adapter should request no more than these.
    async fn latest_comments(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<LatestComments, GithubError> {
        self.comments(repo, number).await.map(LatestComments::of)
    }

    /// The issues for which one issue waits, open and closed, as far as the credential sees them. `None` if GitHub cannot say:
    /// an older server, or an issue that is not there. So does the default.
    async fn blocked_by(
        &self,
        _repo: &RepoName,
        _number: IssueNumber,
    ) -> Result<Option<Vec<RelatedIssue>>, GithubError> {
        Ok(None)
    }

    /// The sub-issues of one issue, in the same way as [`GitHub::blocked_by`].
    async fn sub_issues(
        &self,
        _repo: &RepoName,
        _number: IssueNumber,
    ) -> Result<Option<Vec<RelatedIssue>>, GithubError> {
        Ok(None)
    }

    /// A file on the default branch by its path, such as `.github/issuecommand.toml`. `etag` is from an earlier answer to the
    /// same call. `None` if there is no such file, which is also the default.
    async fn file(
        &self,
        _repo: &RepoName,
        _path: &str,
        _etag: Option<&str>,
    ) -> Result<Fetched<Option<TaggedText>>, GithubError> {
        Ok(Fetched::New(None))
    }

    /// The updates of a pull request since the poll that returned these validators: state, head, reviews that request changes
    /// or were dismissed, line comments and comments. Without validators it returns everything.
    async fn pull_news(&self, pull: &LinkedPull) -> Result<PullRequestUpdates, GithubError>;

    /// A page of the open pull requests of a repository, without what is said on them; the first page when `page` is `None`. None is
    /// the default.
    async fn open_pulls(
        &self,
        _repo: &RepoName,
        _page: Option<&str>,
    ) -> Result<PullPage, GithubError> {
        Ok(PullPage::default())
    }

    /// Whether a commit only merges the base branch of its pull request, and into which commit. Sends one request with a
    /// timeout of two seconds.
    async fn merges_base(&self, question: &HeadQuestion) -> Result<Option<String>, GithubError> {
        let _ = question;
        Ok(None)
    }

    /// Whether this account may write to the repository according to GitHub. False for an unknown account, and the default for
    /// adapters that cannot ask.
    async fn can_write(&self, _repo: &RepoName, _login: &str) -> Result<bool, GithubError> {
        Ok(false)
    }

    /// The login of the credential.
    async fn viewer(&self) -> Result<String, GithubError>;

    /// Carries out a write. Idempotent: what was written before is not written again and is no error, because the outcome of an
    /// earlier try may be unknown.
    async fn write(&self, write: &Write) -> Result<Written, GithubError>;

    /// The known budget, without a request.
    fn budget(&self) -> Budget;

    /// GitHub's clock minus ours in milliseconds, from the `Date` header of its last answer. 0 if unknown or within two
    /// seconds. It is the only way by which times of GitHub's objects are compared with ours.
    fn skew(&self) -> Millis {
        Millis(0)
    }
}
