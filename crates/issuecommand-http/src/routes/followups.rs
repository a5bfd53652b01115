//! `/api/followups`: feedback on pull requests, and where the work on it stands.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::{GetFollowups, UpdateFollowupStatus};

use crate::extract::{Body, IdPath, Query};
use crate::reply::{ErrorResponse, answer, change};
use crate::state::AppState;

pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Query(fields): Query,
) -> Result<Response, ErrorResponse> {
    answer::<GetFollowups>(state, caller, fields).await
}

pub(crate) async fn update(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    IdPath(id): IdPath,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<UpdateFollowupStatus>(state, caller, fields.with("work_item_id", id)).await
}
