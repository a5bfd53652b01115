//! Failures that no agent has caused.

use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;

/// A failure of a store. Its text is for logs, never for callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database was locked for longer than the time-out. Nothing was written; try again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database is unreachable, or the store was shut down. Nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database can be read but not written to. Nothing was written. The store recovers when the cause is gone.
    #[error("the database cannot be written to, {why}: {detail}")]
    Unwritable {
        /// Why the write failed.
        why: Unwritable,
        /// A message for logs.
        detail: String,
    },
    /// The outcome of a commit is unknown. It may have been written, so it must not simply run again.
    #[error("the outcome of a commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// This process must stop using its database, and ends: the file was replaced or removed while open, the server was
    /// restored, or this machine works on another database. Nothing was written on this process's behalf. Unlike the other
    /// texts, this one is for callers, and says what to do.
    #[error("this process has given its database up: {0}")]
    Fenced(String),
    /// The database has content that is unreadable or breaks an invariant.
    #[error("the database holds what it should not: {0}")]
    Corrupt(String),
    /// A newer IssueCommand wrote the database.
    #[error(
        "the database has schema {found}, newer than {known}, the newest that this version knows"
    )]
    NewerSchema {
        /// The schema version of the database.
        found: i64,
        /// The newest schema version that this program knows.
        known: i64,
    },
}

/// Why a database cannot be written to. `Display` is for people, and reveals no path or host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// The disk is full.
    DiskFull,
    /// The file, file system, server or session is read-only.
    ReadOnly,
    /// This process, or its database role, lacks a permission.
    NotPermitted,
    /// The disk reports errors, or a system limit prevents the write.
    DiskFails,
}

impl Unwritable {
    /// The machine-readable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::NotPermitted => "not_permitted",
            Self::DiskFails => "disk_fails",
        }
    }
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DiskFull => "its disk is full",
            Self::ReadOnly => "it is read-only",
            Self::NotPermitted => "this service lacks a right on it",
            Self::DiskFails => "its disk, or a limit on the size of files, refuses what is written",
        })
    }
}

/// The kinds of GitHub failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GithubErrorKind {
    /// 404: it does not exist, or the credential may not see it. The two look alike.
    NotFound,
    /// 401, or 403 without a rate limit: the credential lacks the permission.
    Refused,
    /// A primary or secondary rate limit.
    Limited,
    /// No connection, a time-out, a truncated response, or a 5xx.
    Unreachable,
    /// A response that cannot be parsed.
    Unexpected,
    /// A list with more rows than are read.
    TooMany,
}

/// A failure of a request to GitHub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("GitHub: {detail}")]
pub struct GithubError {
    /// The kind of failure.
    pub kind: GithubErrorKind,
    /// How long to wait before a retry, if GitHub said.
    pub retry_after: Option<Millis>,
    /// The HTTP status; `None` without a response, or if the response was not of the expected kind.
    pub status: Option<u16>,
    /// A message for logs, without secrets.
    pub detail: String,
}

impl Failure {
    /// Whether it comes from GitHub and concerns one repository or issue, so that others are unaffected.
    pub fn is_githubs(&self) -> bool {
        match self {
            Self::Github(_)
            | Self::IssueNotFound { .. }
            | Self::RepoNotFound { .. }
            | Self::RepoNotAllowed { .. }
            | Self::IssuesUnreadable { .. }
            | Self::NotSynced => true,
            Self::Store(_)
            | Self::CannotListRepos { .. }
            | Self::ScopeTooNarrow
            | Self::NotThere(_)
            | Self::MirrorBehind
            | Self::SyncRunning
            | Self::LeaseLost(_)
            | Self::Internal(_) => false,
        }
    }
}

/// A failure of a use case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub could not be asked, and the mirror alone is not enough.
    #[error("GitHub is unavailable: {0}")]
    Github(#[from] GithubError),
    /// GitHub shows no such issue.
    #[error("no issue {repo}#{number}")]
    IssueNotFound {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
    },
    /// GitHub shows no such repository.
    #[error("no repository {repo}")]
    RepoNotFound {
        /// The repository's name.
        repo: RepoName,
    },
    /// GitHub refuses to list the issues of a repository.
    #[error("The issues of {repo} cannot be read: GitHub answers {status}; {}", remedy(*status))]
    IssuesUnreadable {
        /// The repository's name.
        repo: RepoName,
        /// GitHub's status: 403, 404, 410 or 451.
        status: u16,
    },
    /// GitHub will not list the repositories, so the operator must name them.
    #[error("the repositories cannot be listed: {}", if *too_many { "there are more than 10,000" } else { "the credential may not" })]
    CannotListRepos {
        /// Whether the credential sees too many repositories. Otherwise it lacks the permission to list them.
        too_many: bool,
    },
    /// The caller may not see the repository.
    #[error("{repo} is not allowed")]
    RepoNotAllowed {
        /// The repository's name.
        repo: RepoName,
    },
    /// The call concerns all repositories, but the caller may see only some.
    #[error("the key is limited to some repositories")]
    ScopeTooNarrow,
    /// There is no such agent, delivery or write. The text says what is not there, and where to look.
    #[error("not there: {0}")]
    NotThere(String),
    /// The first sync has not ended, so an empty mirror does not mean that there is no work.
    #[error("the first sync has not ended")]
    NotSynced,
    /// GitHub no longer shows many issues that the mirror has as open, and the call stopped asking about more.
    #[error("the mirror is far behind GitHub")]
    MirrorBehind,
    /// The requested sync is already running and did not end in time.
    #[error("another sync runs")]
    SyncRunning,
    /// Another process has the lease for background work now.
    #[error("the lease {0} is held by another process")]
    LeaseLost(String),
    /// A bug in IssueCommand.
    #[error("internal: {0}")]
    Internal(String),
}

/// The remedy for an operator when GitHub refuses to list issues with this status.
fn remedy(status: u16) -> &'static str {
    match status {
        410 => "switch its issues on, or leave it out of ALLOWED_REPOS",
        451 => "it is blocked for legal reasons; leave it out of ALLOWED_REPOS",
        _ => "give the credential the Issues permission on it, or leave it out of ALLOWED_REPOS",
    }
}
