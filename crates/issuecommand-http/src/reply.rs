//! Writing answers, and running the calls that they come from.

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_wire::input::{Param, ParamType};
use issuecommand_wire::{ApiError, Call, ParamSource, Params, call};
use serde::Serialize;
use tracing::Instrument;

use crate::limits;
use crate::state::AppState;

/// From how many bytes on an answer is large.
const LARGE: usize = 256 * 1024;

tokio::task_local! {
    /// The id of the request that is answered here.
    pub(crate) static REQUEST_ID: String;
}

/// A "no" on its way out.
#[derive(Debug)]
pub(crate) struct ErrorResponse(pub(crate) ApiError);

impl From<ApiError> for ErrorResponse {
    fn from(no: ApiError) -> Self {
        Self(no)
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let Self(no) = self;
        if let Some(cause) = &no.cause {
            if no.status >= 500 {
                tracing::warn!(name: "http.failed", status = no.status, cause, "a request failed");
            } else {
                tracing::debug!(name: "http.impossible", status = no.status, cause, "a request was not possible");
            }
        }
        let no = match REQUEST_ID.try_with(Clone::clone) {
            Ok(id) => no.for_request(&id),
            Err(_) => no,
        };
        let status = StatusCode::from_u16(no.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&no.body)).into_response();
        if let Some(seconds) = no.retry_after_seconds() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Whose change it is, for the limits alone; the call reads its own fields.
const AGENT: Param = Param::optional("agent_id", ParamType::Text, "who makes the change");

/// Runs a call that changes something, while its key and its agent have tokens, and writes its answer.
pub(crate) async fn change<C: Call>(
    state: AppState,
    caller: Caller,
    fields: Params,
) -> Result<Response, ErrorResponse> {
    // What is no name is refused by the call itself; it counts for the key alone.
    let agent = fields.agent(&AGENT).ok().flatten();
    // Nor does an agent pay for a key that may not speak as that agent.
    let agent = agent.filter(|agent| !caller.read_only && caller.may_be(agent).is_ok());
    state.limits.mutation(&caller.principal, agent.as_ref())?;
    run::<C>(state, caller, fields, ParamSource::Body).await
}

/// Runs a call that is read from a query, and writes its answer.
pub(crate) async fn answer<C: Call>(
    state: AppState,
    caller: Caller,
    fields: Params,
) -> Result<Response, ErrorResponse> {
    run::<C>(state, caller, fields, ParamSource::Query).await
}

/// An answer as JSON. A large one waits in memory until its reader has taken it, and there is room for so many of them.
fn written(
    state: &AppState,
    caller: &Caller,
    source: ParamSource,
    answer: &impl Serialize,
) -> Result<Response, ErrorResponse> {
    let mut json = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(name: "http.broken", %error, "an answer cannot be written");
        ErrorResponse(ApiError::internal())
    })?;
    // A change is never refused for its answer: it is done.
    let body = if json.len() < LARGE || source == ParamSource::Body {
        Body::from(json)
    } else {
        let principal = String::from(caller.principal.clone());
        json.shrink_to_fit();
        let mut share = state.waiting.share(limits::digest(&principal));
        share
            .grow(json.len())
            .map_err(|_| ErrorResponse(ApiError::no_room_for_answer()))?;
        Body::from(share.holding(json))
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, body).into_response())
}

/// Runs a call and writes its answer. The call gets a task of its own: a client that hangs up must not cut a first sync or
/// the closing of an issue in half, and a panic within must not take the connection with it.
async fn run<C: Call>(
    state: AppState,
    caller: Caller,
    fields: Params,
    source: ParamSource,
) -> Result<Response, ErrorResponse> {
    let asked = call::read::<C>(fields, source)?;
    let (service, asking) = (state.service.clone(), caller.clone());
    let task = tokio::spawn(async move { asked.run(&service, &asking).await }.in_current_span());
    match tokio::time::timeout(state.settings.call_patience, task).await {
        Ok(Ok(Ok(answer))) => written(&state, &caller, source, &answer),
        Ok(Ok(Err(no))) => Err(ErrorResponse(no)),
        Ok(Err(broken)) => {
            tracing::error!(name: "http.broken", call = C::NAME, %broken, "a call broke off");
            Err(ErrorResponse(ApiError::internal()))
        }
        Err(_) => Err(ErrorResponse(ApiError::call_timed_out())),
    }
}
