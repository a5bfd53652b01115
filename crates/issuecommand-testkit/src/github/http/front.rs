//! The front door: every request is logged, may be struck by a fault, must show a token, costs a piece of the rate
//! limit, and gets GitHub's headers.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::call::Caller;
use super::etag::{etag, matches};
use super::face::Face;
use super::reply::{Reply, bad_credentials, forbidden};
use super::struck::{relink, struck};
use crate::github::fault::primary_limit_body;
use crate::github::log::RequestRecord;
use crate::github::world::{Resource, Viewer};

pub(super) async fn front(State(face): State<Face>, request: Request, next: Next) -> Response {
    let record = record(&face, &request);
    let page = record
        .param("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1);
    let fault = face
        .faults(|faults| faults.strike(&record.method, [&record.path, &record.named_path], page));
    let path_and_query = (record.path.clone(), record.query.clone());
    let id = face.log(|log| log.arrived(record));

    // As GitHub does, also where a fault answers in its stead: a client that still writes would see a broken connection.
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let request = Request::from_parts(parts, Body::from(body));

    let mut response = match &fault {
        None => answer(&face, request, next).await,
        Some(fault) => struck(fault, &face, request, next).await,
    };
    if let Some(links) = fault.as_ref().and_then(|fault| fault.links.as_ref()) {
        let headers = response.headers_mut();
        relink(links, page, face.url(), &path_and_query, headers);
    }
    let date = face.world(|world| world.now());
    if let Ok(date) = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date)
    {
        set(response.headers_mut(), "date", &date);
    }
    if let Some(fault) = &fault {
        for (name, value) in &fault.headers {
            set(response.headers_mut(), name, value);
        }
        for name in &fault.without {
            response.headers_mut().remove(name.as_str());
            if name == "date" {
                // Where there is none the server that this runs on writes one, of the system's clock.
                set(response.headers_mut(), name, "");
            }
        }
    }
    set(response.headers_mut(), "server", "github.com");
    set(
        response.headers_mut(),
        "x-github-request-id",
        &format!("EA00:{:05X}:{id:06X}:6A{id:06X}", id + 0x3_0D40),
    );
    set(
        response.headers_mut(),
        "x-github-media-type",
        "github.v3; format=json",
    );
    face.log(|log| log.answered(id, response.status().as_u16()));
    response
}

/// The true answer.
pub(super) async fn answer(face: &Face, mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(header::USER_AGENT) {
        return forbidden(
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        )
        .into_response();
    }
    let token = token(request.headers()).map(str::to_owned);
    let viewer = token
        .as_deref()
        .and_then(|token| face.world(|world| world.viewer_of(token)));
    let (Some(viewer), Some(token)) = (viewer, &token) else {
        return bad_credentials(token.is_some()).into_response();
    };
    let path = request.uri().path().to_owned();
    let resource = resource(&path);
    let free = path == "/rate_limit";
    let standing = face.world(|world| world.standing(&viewer.login, resource));
    if standing.remaining() == 0 && !free {
        let user = face.world(|world| world.add_user(&viewer.login));
        let mut response =
            Reply::new(StatusCode::FORBIDDEN, primary_limit_body(user)).into_response();
        limit_headers(response.headers_mut(), face, &viewer, resource);
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
        face.world(|world| world.spend(&viewer.login, resource));
    }
    limit_headers(response.headers_mut(), face, &viewer, resource);
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

/// The answer with its tag, or 304 without a body where the client has it already.
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
    // The body is a string of our own making: reading it cannot fail.
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

fn record(face: &Face, request: &Request) -> RequestRecord {
    let path = request.uri().path().to_owned();
    let query = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).map(|query| query.0);
    let headers = request.headers().iter().map(|(name, value)| {
        (
            name.as_str().to_owned(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    RequestRecord {
        method: request.method().as_str().to_owned(),
        named_path: named(face, &path).unwrap_or_else(|| path.clone()),
        path,
        query: query.unwrap_or_default(),
        headers: headers.collect(),
        status: None,
    }
}

/// `/repositories/ID/rest` as `/repos/owner/name/rest`.
fn named(face: &Face, path: &str) -> Option<String> {
    let (id, rest) = path
        .strip_prefix("/repositories/")?
        .split_once('/')
        .unwrap_or((path, ""));
    let id = id.trim_start_matches("/repositories/").parse().ok()?;
    let name = face.world(|world| world.repo_by_id(id).map(crate::github::Repo::full_name))?;
    Some(
        format!("/repos/{name}/{rest}")
            .trim_end_matches('/')
            .to_owned(),
    )
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
    face: &Face,
    viewer: &Viewer,
    resource: Resource,
) {
    let standing = face.world(|world| world.standing(&viewer.login, resource));
    set(headers, "x-ratelimit-limit", &standing.limit.to_string());
    set(
        headers,
        "x-ratelimit-remaining",
        &standing.remaining().to_string(),
    );
    set(
        headers,
        "x-ratelimit-reset",
        &standing.reset.as_second().to_string(),
    );
    set(headers, "x-ratelimit-used", &standing.used.to_string());
    set(headers, "x-ratelimit-resource", resource.as_str());
}

pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
