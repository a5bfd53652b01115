//! `/api/sync`: follows GitHub at once.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::Sync;

use crate::extract::Body;
use crate::reply::{ErrorResponse, change};
use crate::state::AppState;

pub(crate) async fn run(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Body(fields): Body,
) -> Result<Response, ErrorResponse> {
    change::<Sync>(state, caller, fields).await
}
