//! Failures in their wire form.

use issuecommand_core::domain::failure::{Failure, GithubError, GithubErrorKind, StoreError};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::time::Millis;
use schemars::JsonSchema;
use serde::Serialize;

use super::ApiError;

/// What went wrong, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ErrorCode {
    /// The input.
    RequestFailed,
    /// The key.
    Unauthorized,
    /// The proof of a delivery.
    UnauthorizedWebhook,
    /// The form of a delivery.
    InvalidWebhookPayload,
    /// The path.
    NotFound,
    /// The size of the body.
    PayloadTooLarge,
    /// The request did not come to its end in time.
    RequestTimeout,
    /// How often the caller calls.
    RateLimited,
    /// GitHub shows no such issue or repository.
    IssueNotFound,
    /// The repository is not among those that are allowed.
    RepoNotAllowed,
    /// The key acts as another agent alone.
    AgentNotAllowed,
    /// The key changes nothing.
    ReadOnlyKey,
    /// GitHub cannot be asked.
    GithubUnavailable,
    /// The database is held by others.
    StoreBusy,
    /// The database cannot be reached.
    StoreUnavailable,
    /// Too much is under way at once.
    Overloaded,
    /// The program could not start: a setting is missing or wrong, or the database cannot be opened.
    NotStarted,
    /// It is not known whether it was done.
    OutcomeUnknown,
    /// IssueCommand itself.
    InternalError,
}

/// `Retry-After` for GitHub if it does not say, in seconds.
const GITHUB_WAIT: u64 = 30;
/// `Retry-After` for a busy database, in seconds.
const BUSY_WAIT: u64 = 1;
/// `Retry-After` for an overloaded service, in seconds.
const OVERLOADED_WAIT: u64 = 5;
/// `Retry-After` for an unreachable database, in seconds.
const UNAVAILABLE_WAIT: u64 = 5;
/// `Retry-After` for an unwritable database, in seconds.
const UNWRITABLE_WAIT: u64 = 30;

pub(super) fn api_error(failure: &Failure) -> ApiError {
    match failure {
        Failure::Store(error) => store(error),
        Failure::Github(error) => github(error),
        Failure::IssueNotFound { repo, number } => not_found(&format!(
            "GitHub shows no issue {repo}#{number}. list_open_issues shows the issues of a repository."
        )),
        Failure::RepoNotFound { repo } => not_found(&format!(
            "GitHub shows no repository {repo}. list_repos shows the repositories that you can work on."
        )),
        Failure::RepoNotAllowed { repo } => ApiError::failure(
            403,
            ErrorCode::RepoNotAllowed,
            Some(format!(
                "{repo} is not among the repositories that are allowed here. list_repos shows those that are."
            )),
            None,
        ),
        Failure::NotThere(words) => {
            ApiError::failure(404, ErrorCode::NotFound, Some(words.clone()), None)
        }
        Failure::ScopeTooNarrow => ApiError::failure(
            403,
            ErrorCode::RepoNotAllowed,
            Some(
                "This key may see some repositories only, and this concerns all of them. Name one of its repositories with repo, \
                 where that is possible, or use a key without that limit."
                    .to_owned(),
            ),
            None,
        ),
        Failure::IssuesUnreadable { .. } => {
            let message = format!(
                "{failure} (for the operator of this service). Nothing was changed. list_repos shows the repositories that \
                 you can work on."
            );
            ApiError::failure(
                503,
                ErrorCode::GithubUnavailable,
                Some(message),
                Some(GITHUB_WAIT),
            )
        }
        Failure::CannotListRepos { too_many } => {
            let what = if *too_many {
                "The credential of this service sees more than 10,000 repositories, which are too many to list."
            } else {
                "The credential of this service may not list repositories, as an App's installation may not."
            };
            let message = format!(
                "{what} Its operator must name those to work on: ALLOWED_REPOS=owner/name,owner/name. Nothing was changed."
            );
            ApiError::failure(503, ErrorCode::GithubUnavailable, Some(message), None)
        }
        Failure::NotSynced => unavailable(
            "The issues are being read from GitHub for the first time.",
            GITHUB_WAIT,
        ),
        Failure::MirrorBehind => unavailable(
            "Many issues were closed on GitHub or went away since they were read.",
            BUSY_WAIT,
        ),
        Failure::SyncRunning => {
            unavailable("Another sync that was asked for runs already.", GITHUB_WAIT)
        }
        Failure::LeaseLost(_) | Failure::Internal(_) => internal(),
    }
}

/// The text of a failure for the log. The store itself logs once that the database is lost or cannot be written.
pub(super) fn cause(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Store(StoreError::Fenced(_) | StoreError::Unwritable { .. }) => None,
        failure => Some(failure.to_string()),
    }
}

/// Lack of permission is a failure like a repository that is not allowed, so over MCP it is marked as an error.
pub(super) fn agent_not_allowed(own: &AgentId) -> ApiError {
    let message = format!(
        "The key that you come with acts as agent {:?} alone. Nothing was changed. Give that as agent_id, or ask the \
         operator for a key of your own.",
        own.as_str()
    );
    ApiError::failure(403, ErrorCode::AgentNotAllowed, Some(message), None)
}

pub(super) fn read_only_key() -> ApiError {
    let message = "The key that you come with may look and change nothing. Nothing was changed. Ask the operator for a key \
                   that may."
        .to_owned();
    ApiError::failure(403, ErrorCode::ReadOnlyKey, Some(message), None)
}

pub(super) fn internal() -> ApiError {
    // The message is fixed and contains no details; the cause is in the log.
    let message = "An unexpected server error occurred".to_owned();
    ApiError::failure(500, ErrorCode::InternalError, Some(message), None)
}

fn not_found(message: &str) -> ApiError {
    ApiError::failure(
        404,
        ErrorCode::IssueNotFound,
        Some(message.to_owned()),
        None,
    )
}

fn unavailable(what: &str, wait: u64) -> ApiError {
    let message = format!("{what} Nothing was changed. Try again in {wait} s.");
    ApiError::failure(503, ErrorCode::GithubUnavailable, Some(message), Some(wait))
}

fn github(error: &GithubError) -> ApiError {
    let wait = error.retry_after.map_or(GITHUB_WAIT, seconds);
    match error.kind {
        GithubErrorKind::NotFound => not_found(
            "GitHub shows no such repository or issue. list_repos shows the repositories that you can work on.",
        ),
        GithubErrorKind::Refused => unavailable(
            "GitHub refuses the credential of this service; its operator must look at it.",
            wait,
        ),
        GithubErrorKind::Limited => unavailable("GitHub limits this service for now.", wait),
        GithubErrorKind::Unreachable => unavailable("GitHub did not answer.", wait),
        GithubErrorKind::Unexpected => {
            unavailable("GitHub answered something that cannot be read.", wait)
        }
        GithubErrorKind::TooMany => unavailable("GitHub has more of this than can be read.", wait),
    }
}

fn store(error: &StoreError) -> ApiError {
    match error {
        StoreError::Busy(_) => retry(ErrorCode::StoreBusy, "The database is busy.", BUSY_WAIT),
        StoreError::Unavailable(_) => {
            retry(ErrorCode::StoreUnavailable, "The database cannot be reached.", UNAVAILABLE_WAIT)
        }
        StoreError::Unwritable { why, .. } => retry(
            ErrorCode::StoreUnavailable,
            &format!(
                "The database cannot be written to: {why}. The operator of this service must look at it. What only reads is still \
                 answered, and writing begins again by itself."
            ),
            UNWRITABLE_WAIT,
        ),
        // It stays closed until the process is restarted.
        StoreError::Fenced(told) => ApiError::failure(
            503,
            ErrorCode::StoreUnavailable,
            Some(told.clone()),
            None,
        ),
        // The wait is for a query of the state. The message says to query before any repetition, which could do the work twice.
        StoreError::OutcomeUnknown(_) => ApiError::failure(
            503,
            ErrorCode::OutcomeUnknown,
            Some(
                "It is not known whether this was done. Look at get_my_work before you repeat it: what you asked for \
                 may already be yours."
                    .to_owned(),
            ),
            Some(BUSY_WAIT),
        ),
        StoreError::Corrupt(_) | StoreError::NewerSchema { .. } => internal(),
    }
}

fn retry(error: ErrorCode, what: &str, wait: u64) -> ApiError {
    let message = format!("{what} Nothing was changed. Try again in {wait} s.");
    ApiError::failure(503, error, Some(message), Some(wait))
}

pub(super) fn no_room(what: &str) -> ApiError {
    retry(ErrorCode::Overloaded, what, OVERLOADED_WAIT)
}

pub(super) fn call_timed_out() -> ApiError {
    let message = "This takes longer than usual and goes on without you; most likely issues are being read from GitHub \
                   for the first time. Look at get_my_work before you repeat it: what you asked for may already be yours."
        .to_owned();
    ApiError::failure(
        503,
        ErrorCode::GithubUnavailable,
        Some(message),
        Some(GITHUB_WAIT),
    )
}

pub(super) fn not_started(why: &str) -> ApiError {
    let message = format!("IssueCommand could not start, and this call did nothing: {why}");
    ApiError::failure(503, ErrorCode::NotStarted, Some(message), None)
}

pub(super) fn delivery_timed_out() -> ApiError {
    let message = "Taking this delivery takes longer than usual and goes on without you. Sending it again is safe: a delivery \
                   is taken once."
        .to_owned();
    ApiError::failure(
        503,
        ErrorCode::StoreBusy,
        Some(message),
        Some(UNAVAILABLE_WAIT),
    )
}

/// Whole seconds, rounded up, at least one.
fn seconds(wait: Millis) -> u64 {
    u64::try_from(wait.0).unwrap_or(0).div_ceil(1000).max(1)
}
