//! `/api/issues`

use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::call::GetIssueDetails;

use crate::extract::{IssuePath, lenient};
use crate::reply::{ErrorResponse, answer};
use crate::state::AppState;

pub(crate) async fn details(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    IssuePath { repo, number }: IssuePath,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let fields = lenient(request.uri())
        .with("repo", repo.as_str())
        .with("issue_number", number.get());
    answer::<GetIssueDetails>(state, caller, fields).await
}
