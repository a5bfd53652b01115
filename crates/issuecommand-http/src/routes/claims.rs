//! `/api/claims`, `/api/my-work`: who holds what, and taking, moving, giving back.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::{
    ClaimIssue, GetAllClaims, GetMyWork, ReleaseIssue, UpdateClaimStatus,
};

use crate::extract::{Body, IdPath, Query};
use crate::reply::{ErrorResponse, answer, change};
use crate::state::AppState;

pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Query(fields): Query,
) -> Result<Response, ErrorResponse> {
    answer::<GetAllClaims>(state, caller, fields).await
}

pub(crate) async fn create(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<ClaimIssue>(state, caller, fields).await
}

pub(crate) async fn update(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    IdPath(id): IdPath,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<UpdateClaimStatus>(state, caller, fields.with("claim_id", id)).await
}

pub(crate) async fn release(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    IdPath(id): IdPath,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<ReleaseIssue>(state, caller, fields.with("claim_id", id)).await
}

pub(crate) async fn my_work(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Query(fields): Query,
) -> Result<Response, ErrorResponse> {
    answer::<GetMyWork>(state, caller, fields).await
}
