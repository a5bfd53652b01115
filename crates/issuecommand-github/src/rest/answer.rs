//! One answer of GitHub, read to its end.

use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};

use super::pages;
use crate::json;
use crate::shapes::Refusal;

/// What came back, and what was asked.
#[derive(Debug)]
pub(super) struct Answer {
    /// Method and path, for error texts; the query stays out.
    pub(super) request: String,
    pub(super) url: Url,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// It is as it was when the validator was given with which it was asked for.
    pub(super) unchanged: bool,
    /// Its own validator, for whoever keeps it: that of this credential.
    pub(super) validator: Option<String>,
}

impl Answer {
    /// GitHub's own words, where it refuses.
    pub(super) fn message(&self) -> Option<String> {
        let refused = self.status.is_client_error() || self.status.is_server_error();
        let words = refused.then(|| json::parse::<Refusal>(&self.body).ok());
        words.flatten().map(|refusal| refusal.message)
    }

    /// Whether an organization does not let the credential in before it signed on there.
    pub(super) fn wants_sign_on(&self, message: Option<&str>) -> bool {
        let header = self.headers.get("x-github-sso");
        let required = header.is_some_and(|value| value.as_bytes().starts_with(b"required"));
        required || message.is_some_and(|message| message.contains("SAML"))
    }

    /// The next page of the list that this is a page of.
    pub(super) fn next(&self) -> Option<String> {
        pages::next(&self.headers)
    }

    /// The number of the last page of that list, where GitHub says it.
    pub(super) fn last(&self) -> Option<u64> {
        pages::last(&self.headers)
    }

    /// Whether what was asked for lives elsewhere.
    pub(super) fn moved(&self) -> bool {
        matches!(
            self.status,
            StatusCode::MOVED_PERMANENTLY
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT
        )
    }

    /// Where it lives.
    pub(super) fn target(&self) -> Option<Url> {
        let target = self.headers.get(LOCATION)?.to_str().ok()?;
        self.url.join(target).ok()
    }
}

/// What a status means that is not what was hoped for; limits are known before it comes to this.
pub(super) fn kind(status: StatusCode) -> GithubErrorKind {
    match status {
        // A redirect that is not followed: it is not there any more.
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
