//! `/sse`: the event log, live.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use issuecommand_core::service::ServiceError;
use issuecommand_executor::keys::Authenticated;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::EventSelection;

use crate::error::ErrorResponse;
use crate::extract::Query;
use crate::sse::Resume;
use crate::state::AppState;

/// A new stream, or the rest of one that broke off: from the `Last-Event-ID` of the header, or of the query, where it cannot
/// be set as a header. The query narrows it to some events. A reader whose id is none of ours is not shut out: it is told so by a `reset` and begins at the end.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Extension(admitted): Extension<Authenticated>,
    Query(query): Query,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let header = request
        .headers()
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(resume);
    let wanted = EventSelection::read(&query).map_err(ApiError::from)?;
    let query = query.raw_text("last_event_id").and_then(resume);
    let resume = match (header, query) {
        (None | Some(Resume::Unknown), Some(query)) => Some(query),
        (header, _) => header,
    };
    let connection = request.extensions().get().cloned();
    let lines = state
        .hub
        .read(resume, wanted, admitted, connection)
        .await
        .map_err(|error| ErrorResponse((&ServiceError::from(error)).into()))?;
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-cache"),
        // Tells nginx not to hold lines back.
        ("x-accel-buffering", "no"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// A blank id is none.
fn resume(text: &str) -> Option<Resume> {
    let text = text.trim();
    let id = text.parse().ok().filter(|id| *id >= 0);
    (!text.is_empty()).then(|| id.map_or(Resume::Unknown, Resume::After))
}
