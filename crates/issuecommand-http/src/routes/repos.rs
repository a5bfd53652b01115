//! `/api/repos`

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::{ListOpenIssues, ListRepos};

use crate::extract::{Query, RepoPath, lenient};
use crate::reply::{ErrorResponse, answer};
use crate::state::AppState;

pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, ErrorResponse> {
    answer::<ListRepos>(state, caller, lenient(request.uri())).await
}

pub(crate) async fn issues(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    RepoPath(repo): RepoPath,
    Query(fields): Query,
) -> Result<Response, ErrorResponse> {
    answer::<ListOpenIssues>(state, caller, fields.with("repo", repo.as_str())).await
}
