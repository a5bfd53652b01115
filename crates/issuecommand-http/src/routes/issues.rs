//! `/api/issues`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use issuecommand_core::command::Caller;
use issuecommand_wire::call::GetIssueDetails;

use crate::extract::IssuePath;
use crate::reply::{No, run};
use crate::state::AppState;

pub(crate) async fn details(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    IssuePath { repo, number }: IssuePath,
) -> Result<Response, No> {
    run(
        &state.service,
        caller,
        GetIssueDetails { repo, number },
        state.settings.call_patience,
    )
    .await
}
