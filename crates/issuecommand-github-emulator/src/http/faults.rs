//! Applies a fault to a request and its response.

use std::future::pending;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;

use super::answer::{answer, limit_headers, resource, set, token, whole};
use super::reply::Reply;
use crate::alteration::alter;
use crate::fault::{Fault, FaultKind, Links};
use crate::page::with;
use crate::shared_state::SharedState;

/// Applies the fault to the request.
pub(super) async fn apply(
    fault: &Fault,
    state: &SharedState,
    request: Request,
    next: Next,
) -> Response {
    match &fault.kind {
        FaultKind::Hang => pending().await,
        FaultKind::Truth => answer(state, request, next).await,
        FaultKind::Delay(by) => {
            tokio::time::sleep(*by).await;
            answer(state, request, next).await
        }
        FaultKind::BreakOff => broken_off(answer(state, request, next).await).await,
        FaultKind::Altered(pointer, to) => {
            altered(answer(state, request, next).await, pointer, to.as_ref()).await
        }
        FaultKind::Rewritten(from, to) => {
            rewritten(answer(state, request, next).await, from, to).await
        }
        FaultKind::Text(text) => {
            let mut response = text.clone().into_response();
            set(
                response.headers_mut(),
                "content-type",
                "application/json; charset=utf-8",
            );
            response
        }
        FaultKind::Status(code, body) => {
            let status = StatusCode::from_u16(*code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = if body.is_null() {
                status.into_response()
            } else {
                Reply::new(status, body.clone()).into_response()
            };
            let viewer = token(request.headers())
                .and_then(|token| state.world(|world| world.viewer_of(token)));
            // Errors before GitHub's API proper (5xx) have no rate limit headers.
            if let Some(viewer) = viewer.filter(|_| !status.is_server_error()) {
                limit_headers(
                    response.headers_mut(),
                    state,
                    &viewer,
                    resource(request.uri().path()),
                );
            }
            response
        }
    }
}

/// Replaces `Link`. A response without rows has none, as the real one.
pub(super) fn relink(
    links: &Links,
    page: u64,
    base: &str,
    (path, query): &(String, Vec<(String, String)>),
    headers: &mut HeaderMap,
) {
    let to = |page: u64| {
        let query = with(query, &[("page", &page.to_string())]);
        format!("<{base}{path}?{query}>; rel=\"next\"")
    };
    let link = match links {
        Links::Circle(length) => Some(to(page % length + 1)),
        Links::Endless => Some(to(page + 1)),
        Links::Host(host) => headers
            .get(header::LINK)
            .and_then(|link| link.to_str().ok())
            .map(|link| link.replace(base, host)),
    };
    if let Some(link) = link {
        set(headers, "link", &link);
    }
}

/// The response with another value at a place of its body and a new validator. Without such a place it stays unchanged.
async fn altered(response: Response, pointer: &str, to: Option<&Value>) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await;
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    alter(&mut value, pointer, to);
    if parts.headers.contains_key(header::ETAG) {
        let tag = format!("W/\"altered{}\"", pointer.replace(['/', '~'], "-"));
        set(&mut parts.headers, "etag", &tag);
    }
    let bytes = value.to_string();
    set(
        &mut parts.headers,
        "content-length",
        &bytes.len().to_string(),
    );
    Response::from_parts(parts, Body::from(bytes))
}

/// The response with a text replaced and without a validator.
async fn rewritten(response: Response, from: &str, to: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await;
    let text = String::from_utf8_lossy(&bytes).replace(from, to);
    parts.headers.remove(header::ETAG);
    set(
        &mut parts.headers,
        "content-length",
        &text.len().to_string(),
    );
    Response::from_parts(parts, Body::from(text))
}

/// Half of the body with the length of the whole, then the end of the connection.
async fn broken_off(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await;
    set(
        &mut parts.headers,
        "content-length",
        &bytes.len().to_string(),
    );
    let half = bytes.slice(..bytes.len() / 2);
    let body = stream::unfold(Some(half), async |half| {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        // The first half must be sent before the connection ends, or the client would see no response at all.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Err(std::io::Error::other("broken off on purpose")), None))
    });
    Response::from_parts(parts, Body::from_stream(body))
}
