//! The seam below the client: one request, and what came of it. Whoever carries it knows of no limits, no paging and no
//! second try; those are the client's, whichever way a request goes.

pub(super) mod gh;
pub(super) mod http;

use std::fmt;

use async_trait::async_trait;
use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};

/// What to ask, with all headers but the credential.
#[derive(Clone, Debug)]
pub(super) struct RawRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
}

/// What came back. Redirects are not followed.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Why the body is not the whole of it, where it is not.
    pub(super) broken: Option<Broken>,
}

/// Why there is no answer, or no whole one.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) kind: GithubErrorKind,
    /// In words that hold no query; they may hold what a server repeats.
    pub(super) words: String,
    pub(super) why: FailureCause,
    /// Whether the same request may well succeed if it is sent again at once.
    pub(super) passing: bool,
    /// Whether GitHub may have got the request.
    pub(super) sent: bool,
}

/// What a failure says of the way that the request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureCause {
    /// GitHub cannot be reached by it.
    Unreachable,
    /// Its credential is good for nothing.
    Credential,
    /// Its credential is not let in here: an organization asks for single sign-on.
    SignOn,
    /// The credential is limited, or we keep it from being.
    Limit,
    /// Nothing: GitHub said no, or something that cannot be read.
    Answer,
}

/// Carries requests to GitHub as one credential.
#[async_trait]
pub(super) trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request once. Of the body no more than `cap` bytes are kept.
    async fn send(&self, question: &RawRequest, cap: usize) -> Result<Reply, Broken>;
}

impl Broken {
    /// No answer, or not the whole of it, by no fault of what was asked.
    fn unreachable(words: String) -> Self {
        Self {
            kind: GithubErrorKind::Unreachable,
            words,
            why: FailureCause::Unreachable,
            passing: false,
            sent: true,
        }
    }

    fn too_long() -> Self {
        Self {
            kind: GithubErrorKind::Unexpected,
            words: "the answer is too long".to_owned(),
            why: FailureCause::Answer,
            passing: false,
            sent: true,
        }
    }
}
