//! One complete answer of GitHub.

use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

use super::endpoint::Endpoint;
use super::link_header;
use crate::api_types::Refusal;
use crate::json;

/// An answer with its request.
#[derive(Debug)]
pub(super) struct Answer {
    /// Method and path, for error texts. Without the query.
    pub(super) request: String,
    pub(super) endpoint: Endpoint,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The answer is 304 to a conditional request.
    pub(super) unchanged: bool,
    /// The answer's validator, bound to this credential, for storage.
    pub(super) validator: Option<String>,
}

impl Answer {
    /// GitHub's message, if the answer is an error.
    pub(super) fn message(&self) -> Option<String> {
        let refused = self.status.is_client_error() || self.status.is_server_error();
        let words = refused.then(|| json::parse::<Refusal>(&self.body).ok());
        words.flatten().map(|refusal| refusal.message)
    }

    /// Whether an organization requires the credential to use single sign-on first.
    pub(super) fn wants_sign_on(&self, message: Option<&str>) -> bool {
        let header = self.headers.get("x-github-sso");
        let required = header.is_some_and(|value| value.as_bytes().starts_with(b"required"));
        required || message.is_some_and(|message| message.contains("SAML"))
    }

    /// The next page of the list.
    pub(super) fn next(&self) -> Option<String> {
        link_header::next(&self.headers)
    }

    /// The number of the list's last page, if GitHub reports it.
    pub(super) fn last(&self) -> Option<u64> {
        link_header::last(&self.headers)
    }

    /// Whether the answer is a redirect.
    pub(super) fn moved(&self) -> bool {
        matches!(
            self.status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        )
    }

    /// The target of the redirect.
    pub(super) fn target(&self) -> Option<Endpoint> {
        let target = self.headers.get(LOCATION)?.to_str().ok()?;
        let url = self.endpoint.url.join(target).ok()?;
        Some(self.endpoint.moved_to(url))
    }
}

/// The error kind of an unexpected status. Rate limits have been detected before.
pub(super) fn kind(status: StatusCode) -> GithubErrorKind {
    match status {
        // A redirect that is not followed means that the object is not there any more.
        StatusCode::NOT_FOUND
        | StatusCode::GONE
        | StatusCode::MOVED_PERMANENTLY
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => GithubErrorKind::NotFound,
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => GithubErrorKind::Refused,
        StatusCode::TOO_MANY_REQUESTS => GithubErrorKind::Limited,
        StatusCode::REQUEST_TIMEOUT => GithubErrorKind::Unreachable,
        status if status.is_server_error() => GithubErrorKind::Unreachable,
        _ => GithubErrorKind::Unexpected,
    }
}
