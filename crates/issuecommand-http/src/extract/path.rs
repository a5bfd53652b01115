//! Parts of paths. A part that can name nothing is 404, like any path where nothing is.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_wire::ApiError;
use serde::de::DeserializeOwned;

use crate::reply::ErrorResponse;

/// `:owner/:repo`
#[derive(Debug)]
pub(crate) struct RepoPath(pub(crate) RepoName);

/// `:owner/:repo/:number`
#[derive(Debug)]
pub(crate) struct IssuePath {
    pub(crate) repo: RepoName,
    pub(crate) number: IssueNumber,
}

/// `:claim_id` or `:work_item_id`, whatever it is: a text that is no UUID names nothing, and that is an answer of its own.
#[derive(Debug)]
pub(crate) struct IdPath(pub(crate) String);

async fn parts_of<T: DeserializeOwned + Send, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<T, ErrorResponse> {
    let Path(value) = Path::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::not_found())?;
    Ok(value)
}

fn repo(owner: &str, name: &str) -> Result<RepoName, ErrorResponse> {
    RepoName::new(owner, name).map_err(|_| ApiError::not_found().into())
}

impl<S: Send + Sync> FromRequestParts<S> for RepoPath {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let (owner, name): (String, String) = parts_of(parts, state).await?;
        Ok(Self(repo(&owner, &name)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IssuePath {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let (owner, name, number): (String, String, String) = parts_of(parts, state).await?;
        // Digits alone: the parser of Rust would also take "+7".
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits
            .then(|| number.parse().ok())
            .flatten()
            .and_then(IssueNumber::new);
        Ok(Self {
            repo: repo(&owner, &name)?,
            number: number.ok_or_else(ApiError::not_found)?,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdPath {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        let id: String = parts_of(parts, state).await?;
        if id.trim().is_empty() {
            Err(ApiError::not_found().into())
        } else {
            Ok(Self(id))
        }
    }
}
