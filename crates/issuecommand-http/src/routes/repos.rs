//! `/api/repos`

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use issuecommand_core::command::Caller;
use issuecommand_wire::Fields;
use issuecommand_wire::call::{ListOpenIssues, ListRepos};

use crate::extract::{Query, RepoPath, parameter};
use crate::reply::{No, answer};
use crate::state::AppState;

pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, No> {
    // In a query everything is text; the word `false` alone turns the counts off.
    let counts =
        parameter(request.uri(), "include_counts").is_none_or(|word| word.trim() != "false");
    answer::<ListRepos>(
        state,
        caller,
        Fields::default().with("include_counts", counts),
    )
    .await
}

pub(crate) async fn issues(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    RepoPath(repo): RepoPath,
    Query(fields): Query,
) -> Result<Response, No> {
    answer::<ListOpenIssues>(state, caller, fields.with("repo", repo.as_str())).await
}
