//! The interface below the client: sends one request and returns its answer. Limits, paging and retries are the client's.

pub(super) mod gh;
pub(super) mod http;

use std::fmt;

use async_trait::async_trait;
use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};
use secrecy::SecretString;

/// A request with all headers but the credential.
#[derive(Clone, Debug)]
pub(super) struct RawRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
}

/// An answer. Redirects are not followed.
#[derive(Debug)]
pub(super) struct RawResponse {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Why the body is incomplete, if it is.
    pub(super) broken: Option<TransportError>,
}

/// Why there is no answer, or no complete one.
#[derive(Debug)]
pub(super) struct TransportError {
    pub(super) kind: GithubErrorKind,
    /// The error text. Without the query; it may contain text of the server.
    pub(super) words: String,
    pub(super) why: FailureCause,
    /// Whether the same request may succeed if it is sent again at once.
    pub(super) transient: bool,
    /// Whether GitHub may have received the request.
    pub(super) sent: bool,
}

/// The cause of a failure, which decides about the next route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureCause {
    /// GitHub cannot be reached by this route.
    Unreachable,
    /// The credential is rejected.
    Credential,
    /// The credential needs single sign-on for an organization.
    SignOn,
    /// The credential is limited, or our rate limiter blocks it.
    Limit,
    /// A refusal or an unreadable answer, which says nothing about the route.
    Answer,
}

/// Sends requests to GitHub.
#[async_trait]
pub(super) trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request once, with this token or the transport's own login. Keeps at most `cap` bytes of the body.
    async fn send(
        &self,
        request: &RawRequest,
        token: Option<&SecretString>,
        cap: usize,
    ) -> Result<RawResponse, TransportError>;
}

impl TransportError {
    /// A missing or incomplete answer that the request did not cause.
    fn unreachable(words: String) -> Self {
        Self {
            kind: GithubErrorKind::Unreachable,
            words,
            why: FailureCause::Unreachable,
            transient: false,
            sent: true,
        }
    }

    fn too_long() -> Self {
        Self {
            kind: GithubErrorKind::Unexpected,
            words: "the answer is too long".to_owned(),
            why: FailureCause::Answer,
            transient: false,
            sent: true,
        }
    }
}
