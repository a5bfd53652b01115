//! `/sse`: the event log, live.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use issuecommand_core::event::Seq;
use issuecommand_core::service::No as CoreNo;

use crate::auth::Admitted;
use crate::extract::parameter;
use crate::reply::No;
use crate::state::AppState;

/// A new stream, or the rest of one that broke off: from the `Last-Event-ID` of the header, or of the query, where it cannot
/// be set as a header. What is no id of ours counts as absent: a reader with an old one must not be shut out for ever.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Extension(admitted): Extension<Admitted>,
    request: Request,
) -> Result<Response, No> {
    state
        .limits
        .stream(request.headers(), request.extensions())?;
    let header = request
        .headers()
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(event_id);
    let resume = header.or_else(|| {
        parameter(request.uri(), "last_event_id")
            .as_deref()
            .and_then(event_id)
    });
    let lines = state
        .hub
        .read(resume, admitted)
        .await
        .map_err(|error| No((&CoreNo::from(error)).into()))?;
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-cache"),
        // Tells nginx not to hold lines back.
        ("x-accel-buffering", "no"),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn event_id(text: &str) -> Option<Seq> {
    text.trim().parse().ok().filter(|id| *id >= 0)
}
