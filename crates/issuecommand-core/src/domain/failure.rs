//! Everything that can go wrong and is no agent's fault.

use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;

/// Why a store could not do what it was asked. The text within is for logs, never for callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Others held the database for longer than the time-out. Nothing was written; try again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached, or the store was shut down. Nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database can be read and not be written to. Nothing was written; it heals by itself once its cause is gone.
    #[error("the database cannot be written to, {why}: {detail}")]
    Unwritable {
        /// Why.
        why: Unwritable,
        /// For logs.
        detail: String,
    },
    /// A commit was begun and its outcome is not known: it may have been written or not, and must not be run again blindly.
    #[error("the outcome of a commit is unknown: {0}")]
    OutcomeUnknown(String),
    /// This process must not use its database any more, and ends: the file was replaced or removed while it was open, the
    /// server was restored, or this machine works on another database. Nothing that this process answers for was written.
    /// The text is the exception to the rule above: it is for callers, and says what to do.
    #[error("this process has given its database up: {0}")]
    Fenced(String),
    /// What the database holds cannot be read or breaks a rule.
    #[error("the database holds what it should not: {0}")]
    Corrupt(String),
    /// The database was written by a newer IssueCommand.
    #[error(
        "the database has schema {found}, newer than {known}, the newest that this version knows"
    )]
    NewerSchema {
        /// The schema found.
        found: i64,
        /// The newest schema known.
        known: i64,
    },
}

/// Why a database cannot be written to. `Display` is for people, and names nothing of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// There is no room left.
    DiskFull,
    /// The file, its file system, the server or the session only reads.
    ReadOnly,
    /// This process, or the role of its connection, lacks a right.
    NotPermitted,
    /// The disk, or a limit of the system, does not take what is written.
    DiskFails,
}

impl Unwritable {
    /// The word for programs.
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

/// Why GitHub did not give what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GithubErrorKind {
    /// 404: it is not there, or not for us; the two look alike.
    NotFound,
    /// 401, or 403 without a limit: the credential is not good for it.
    Refused,
    /// A primary or secondary limit.
    Limited,
    /// No connection, no answer in time, an answer that broke off, or a 5xx.
    Unreachable,
    /// An answer that cannot be read.
    Unexpected,
    /// A list of more rows than are read.
    TooMany,
}

/// A failure of GitHub or of the way to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("GitHub: {detail}")]
pub struct GithubError {
    /// What kind.
    pub kind: GithubErrorKind,
    /// How long to wait before asking again, when GitHub said.
    pub retry_after: Option<Millis>,
    /// The HTTP status of the answer; `None` where there was none, or where the answer was not what it said to be.
    pub status: Option<u16>,
    /// For logs; holds no secret.
    pub detail: String,
}

impl Failure {
    /// Whether it is GitHub's, of one repository or issue: what it says of others is not touched by it.
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
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub could not be asked, and the mirror alone does not know.
    #[error("GitHub is unavailable: {0}")]
    Github(#[from] GithubError),
    /// GitHub shows no such issue.
    #[error("no issue {repo}#{number}")]
    IssueNotFound {
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
    },
    /// GitHub shows no such repository.
    #[error("no repository {repo}")]
    RepoNotFound {
        /// The repository.
        repo: RepoName,
    },
    /// GitHub refuses the list of issues of a repository.
    #[error("The issues of {repo} cannot be read: GitHub answers {status}; {}", remedy(*status))]
    IssuesUnreadable {
        /// The repository.
        repo: RepoName,
        /// GitHub's answer: 403, 404, 410 or 451.
        status: u16,
    },
    /// Which repositories there are cannot be learned from GitHub, now or later: the operator must name them.
    #[error("the repositories cannot be listed: {}", if *too_many { "there are more than 10,000" } else { "the credential may not" })]
    CannotListRepos {
        /// The credential sees more than are read. Otherwise it may not list them.
        too_many: bool,
    },
    /// The repository is not among those that the caller may see.
    #[error("{repo} is not allowed")]
    RepoNotAllowed {
        /// The repository.
        repo: RepoName,
    },
    /// The mirror is being filled for the first time: not knowing of work is not knowing that there is none.
    #[error("the first sync has not ended")]
    NotSynced,
    /// GitHub shows none of so many issues that the mirror has as open that the call asked about no more of them.
    #[error("the mirror is far behind GitHub")]
    MirrorBehind,
    /// A sync that was asked for runs already, and did not end in time.
    #[error("another sync runs")]
    SyncRunning,
    /// This process is no longer the one that does the background work.
    #[error("the lease {0} is held by another process")]
    LeaseLost(String),
    /// A fault in IssueCommand itself.
    #[error("internal: {0}")]
    Internal(String),
}

/// What an operator can do where GitHub refuses the issues of a repository by this status.
fn remedy(status: u16) -> &'static str {
    match status {
        410 => "switch its issues on, or leave it out of ALLOWED_REPOS",
        451 => "it is blocked for legal reasons; leave it out of ALLOWED_REPOS",
        _ => "give the credential the Issues permission on it, or leave it out of ALLOWED_REPOS",
    }
}
