//! The layer that asks for a key: everybody's API key, or a named one.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use issuecommand_core::service::ServiceError;
use issuecommand_executor::keys::{Authenticated, Rejected};
use issuecommand_wire::ApiError;
use tracing::Span;

use crate::api_key::bearer_token;
use crate::error::ErrorResponse;
use crate::rejection_log::{Kind, RejectionLog};
use crate::serve::admission::ConnectionHandle;
use crate::state::AppState;

/// Lets a request with a good key pass, and puts its caller among the request's extensions.
pub(crate) async fn require_key(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let authenticated = match authenticate(&state, request.headers()).await {
        Ok(authenticated) => authenticated,
        Err(error) => return ErrorResponse(error).into_response(),
    };
    if let Some(connection) = request.extensions().get::<ConnectionHandle>() {
        connection.prove();
    }
    let principal = String::from(authenticated.caller.principal.clone());
    Span::current().record("principal", principal);
    request
        .extensions_mut()
        .insert(authenticated.caller.clone());
    request.extensions_mut().insert(authenticated);
    next.run(request).await
}

async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Authenticated, ApiError> {
    let Some(token) = bearer_token(headers) else {
        state.rejections.log_unauthorized("missing");
        return Err(ApiError::unauthorized());
    };
    match state.keys.judge(token).await {
        Ok(Ok(authenticated)) => Ok(authenticated),
        Ok(Err(rejected)) => {
            log_rejected(&state.rejections, &rejected);
            Err(ApiError::unauthorized())
        }
        Err(error) => {
            let mut error = ApiError::from(&ServiceError::from(error));
            // Strangers can cause it as often as they like.
            error.cause = error.cause.filter(|_| state.rejections.admit(Kind::Key));
            Err(error)
        }
    }
}

fn log_rejected(rejections: &RejectionLog, rejected: &Rejected) {
    let (key, why) = match rejected {
        Rejected::Unknown => return rejections.log_unauthorized("unknown"),
        Rejected::Expired(key) => (key, "expired"),
        Rejected::Revoked(key) => (key, "revoked"),
    };
    if rejections.admit(Kind::Key) {
        tracing::info!(name: "http.key_refused", key = key.id, key_name = key.name.as_str(), why, "a key lets nobody in any more");
    }
}
