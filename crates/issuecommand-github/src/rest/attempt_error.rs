//! The result of one attempt to send a request over one route.

use issuecommand_core::domain::failure::GithubError;

use super::transport::FailureCause;

/// A failed attempt.
#[derive(Debug)]
pub(super) struct AttemptError {
    pub(super) error: GithubError,
    pub(super) why: FailureCause,
    /// Whether the same request may succeed if it is sent again at once.
    pub(super) transient: bool,
    /// Whether GitHub may have carried out the request.
    pub(super) sent: bool,
}
