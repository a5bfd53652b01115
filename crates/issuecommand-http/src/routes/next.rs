//! `/api/next`, `/api/next-work`: work for an agent that does not choose it.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::{NextIssue, NextWork};

use crate::extract::Body;
use crate::reply::{ErrorResponse, change};
use crate::state::AppState;

pub(crate) async fn issue(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<NextIssue>(state, caller, fields).await
}

pub(crate) async fn work(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<NextWork>(state, caller, fields).await
}
