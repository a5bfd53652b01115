//! Errors as HTTP responses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use issuecommand_wire::ApiError;

use crate::request_id;

/// An error that answers the request, logged with its cause and named by the request's id.
#[derive(Debug)]
pub(crate) struct ErrorResponse(pub(crate) ApiError);

impl From<ApiError> for ErrorResponse {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let Self(error) = self;
        if let Some(cause) = &error.cause {
            if error.status >= 500 {
                tracing::warn!(name: "http.failed", status = error.status, cause, "a request failed");
            } else {
                tracing::debug!(name: "http.impossible", status = error.status, cause, "a request was not possible");
            }
        }
        let error = match request_id::current() {
            Some(id) => error.for_request(&id),
            None => error,
        };
        let status =
            StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&error.body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = error.retry_after_seconds() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
