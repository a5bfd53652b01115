//! Parts of paths. A part that can name nothing is 404, like any path where nothing is.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::{ApiError, Params};
use serde_json::Value;

use crate::error::ErrorResponse;

/// The parts of the path as parameters of a call: `{owner}` and `{repo}` as `repo`, `{number}` as `issue_number`, any other under
/// its own name. A `{claim_id}` may be any text: one that is no UUID names nothing, and that is an answer of its own.
#[derive(Debug, Default)]
pub(crate) struct PathParams(Vec<(String, Value)>);

impl PathParams {
    /// The parameters of the request with those of its path, which win.
    pub(crate) fn join(self, params: Params) -> Params {
        let Self(path) = self;
        path.into_iter()
            .fold(params, |params, (name, value)| params.with(&name, value))
    }

    /// `None` when a part can name nothing.
    fn read(parts: &RawPathParams) -> Option<Self> {
        let mut params = Self::default();
        let mut owner = "";
        for (name, text) in parts {
            let (name, value) = match name {
                "owner" => {
                    owner = text;
                    continue;
                }
                "repo" => (name, RepoName::new(owner, text).ok()?.as_str().into()),
                "number" => ("issue_number", number(text)?.get().into()),
                _ if text.trim().is_empty() => return None,
                _ => (name, text.into()),
            };
            params.0.push((name.to_owned(), value));
        }
        Some(params)
    }
}

/// Digits alone: the parser of Rust would also take "+7".
fn number(text: &str) -> Option<IssueNumber> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .and_then(IssueNumber::new)
}

impl<S: Send + Sync> FromRequestParts<S> for PathParams {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let parts = RawPathParams::from_request_parts(parts, state).await;
        let params = parts.ok().and_then(|parts| Self::read(&parts));
        Ok(params.ok_or_else(ApiError::not_found)?)
    }
}
