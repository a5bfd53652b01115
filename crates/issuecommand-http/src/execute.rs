//! The handlers of all calls: they take the request apart, run the call and write its answer.

use axum::Extension;
use axum::body::Body as ResponseBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_executor::CallContext;
use issuecommand_executor::limits::digest;
use issuecommand_wire::{ApiError, Call, ParamSource, Params};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::error::ErrorResponse;
use crate::extract::{Body, PathParams, Query, lenient};
use crate::request_id;
use crate::session::in_session;
use crate::state::AppState;

/// From how many bytes on an answer is large.
const LARGE: usize = 256 * 1024;

/// Runs a call whose parameters stand in the path and the JSON body.
pub(crate) async fn from_body<C: Call>(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: PathParams,
    headers: HeaderMap,
    Body(params): Body,
) -> Result<Response, ErrorResponse> {
    execute::<C>(
        &state,
        caller,
        &headers,
        path.join(params),
        ParamSource::Body,
    )
    .await
}

/// Runs a call whose parameters stand in the path and the query.
pub(crate) async fn from_query<C: Call>(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: PathParams,
    headers: HeaderMap,
    Query(params): Query,
) -> Result<Response, ErrorResponse> {
    execute::<C>(
        &state,
        caller,
        &headers,
        path.join(params),
        ParamSource::Query,
    )
    .await
}

/// The same for calls that were never refused for their query: one that is not UTF-8 has no parameters.
pub(crate) async fn from_lenient_query<C: Call>(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    path: PathParams,
    request: Request,
) -> Result<Response, ErrorResponse> {
    let params = path.join(lenient(request.uri()));
    execute::<C>(
        &state,
        caller,
        request.headers(),
        params,
        ParamSource::Query,
    )
    .await
}

async fn execute<C: Call>(
    state: &AppState,
    caller: Caller,
    headers: &HeaderMap,
    params: Params,
    source: ParamSource,
) -> Result<Response, ErrorResponse> {
    let principal = String::from(caller.principal.clone());
    let (caller, params) = in_session(caller, headers, params)?;
    let context = CallContext {
        caller,
        request_id: request_id::current().unwrap_or_default(),
        left: CancellationToken::new(),
    };
    let answer = state.executor.call::<C>(context, params, source).await?;
    write::<C>(state, &principal, &answer)
}

/// An answer as JSON. A large one waits in memory until its reader has taken it, and there is room for so many of them.
fn write<C: Call>(
    state: &AppState,
    principal: &str,
    answer: &impl Serialize,
) -> Result<Response, ErrorResponse> {
    let mut json = serde_json::to_vec(answer).map_err(|error| {
        tracing::error!(name: "http.broken", %error, "an answer cannot be written");
        ErrorResponse(ApiError::internal())
    })?;
    // A change is never refused for its answer: it is done.
    let body = if json.len() < LARGE || C::CHANGES {
        ResponseBody::from(json)
    } else {
        json.shrink_to_fit();
        let mut share = state.waiting.share(digest(principal));
        share
            .grow(json.len())
            .map_err(|_| ErrorResponse(ApiError::no_room_for_answer()))?;
        ResponseBody::from(share.holding(json))
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, body).into_response())
}
