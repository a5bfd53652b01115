//! Responses without faults: a request needs a token and costs a part of the rate limit, and the response to a GET has an
//! `ETag`.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::call::Caller;
use super::etag::{etag, matches};
use super::reply::{Reply, bad_credentials, forbidden};
use crate::fault::primary_limit_body;
use crate::shared_state::SharedState;
use crate::world::{Resource, Viewer};

/// The real response.
pub(super) async fn answer(state: &SharedState, mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::USER_AGENT) {
        return forbidden(
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        )
        .into_response();
    }
    let token = token(request.headers()).map(str::to_owned);
    let viewer = token
        .as_deref()
        .and_then(|token| state.world(|world| world.viewer_of(token)));
    let (Some(viewer), Some(token)) = (viewer, &token) else {
        return bad_credentials(token.is_some()).into_response();
    };
    let path = request.uri().path().to_owned();
    let resource = resource(&path);
    let free = path == "/rate_limit";
    let rate_limit = state.world(|world| world.rate_limit(&viewer.login, resource));
    if rate_limit.remaining() == 0 && !free {
        let user = state.world(|world| world.add_user(&viewer.login));
        let mut response =
            Reply::new(StatusCode::FORBIDDEN, primary_limit_body(user)).into_response();
        limit_headers(response.headers_mut(), state, &viewer, resource);
        return response;
    }
    let reading = request.method() == Method::GET;
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok())
        .map(str::to_owned);
    request.extensions_mut().insert(Caller {
        viewer: viewer.clone(),
        path,
    });

    let mut response = next.run(request).await;
    if reading && response.status() == StatusCode::OK && !free {
        response = tagged(response, token, known.as_deref()).await;
    }
    if response.status() != StatusCode::NOT_MODIFIED && !free {
        state.world(|world| world.spend(&viewer.login, resource));
    }
    limit_headers(response.headers_mut(), state, &viewer, resource);
    let headers = response.headers_mut();
    if let Some(scopes) = viewer.scopes() {
        set(headers, "x-oauth-scopes", scopes);
        set(headers, "x-accepted-oauth-scopes", "repo");
    }
    set(headers, "x-github-api-version-selected", "2022-11-28");
    set(
        headers,
        "vary",
        "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
    );
    response
}

/// The response with its tag, or 304 without a body if the client has it already.
async fn tagged(response: Response, token: &str, known: Option<&str>) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await;
    let tag = etag(token, &bytes);
    set(&mut parts.headers, "etag", &tag);
    set(
        &mut parts.headers,
        "cache-control",
        "private, max-age=60, s-maxage=60",
    );
    if known.is_some_and(|known| matches(known, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::LINK);
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

pub(super) async fn whole(body: Body) -> Bytes {
    // The body is a string in memory, so reading it cannot fail.
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

pub(super) fn resource(path: &str) -> Resource {
    if path.starts_with("/search/") {
        Resource::Search
    } else {
        Resource::Core
    }
}

/// The token of `Authorization: Bearer …` or `token …`.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token"))
        .then_some(token.trim())
}

pub(super) fn limit_headers(
    headers: &mut HeaderMap,
    state: &SharedState,
    viewer: &Viewer,
    resource: Resource,
) {
    let rate_limit = state.world(|world| world.rate_limit(&viewer.login, resource));
    set(headers, "x-ratelimit-limit", &rate_limit.limit.to_string());
    set(
        headers,
        "x-ratelimit-remaining",
        &rate_limit.remaining().to_string(),
    );
    set(
        headers,
        "x-ratelimit-reset",
        &rate_limit.reset.as_second().to_string(),
    );
    set(headers, "x-ratelimit-used", &rate_limit.used.to_string());
    set(headers, "x-ratelimit-resource", resource.as_str());
}

pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
