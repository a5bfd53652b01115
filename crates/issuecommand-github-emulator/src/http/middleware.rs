//! Runs for every request: logs it, applies faults, and adds the headers that GitHub always sends.

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::{answer, set};
use super::faults::{apply, relink};
use crate::log::RequestRecord;
use crate::shared_state::SharedState;

pub(super) async fn middleware(
    State(state): State<SharedState>,
    request: Request,
    next: Next,
) -> Response {
    let record = record(&state, &request);
    let page = record
        .param("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1);
    let fault = state
        .faults(|faults| faults.strike(&record.method, [&record.path, &record.named_path], page));
    let path_and_query = (record.path.clone(), record.query.clone());
    let id = state.log(|log| log.arrived(record));

    // Reads the body first, as GitHub does, also for faults: a client that still writes would see a broken connection.
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let request = Request::from_parts(parts, Body::from(body));

    let mut response = match &fault {
        None => answer(&state, request, next).await,
        Some(fault) => apply(fault, &state, request, next).await,
    };
    if let Some(links) = fault.as_ref().and_then(|fault| fault.links.as_ref()) {
        let headers = response.headers_mut();
        relink(links, page, state.url(), &path_and_query, headers);
    }
    let date = state.world(|world| world.now());
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
                // Without this header the HTTP server would add one with the system's time.
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
    state.log(|log| log.answered(id, response.status().as_u16()));
    response
}

fn record(state: &SharedState, request: &Request) -> RequestRecord {
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
        named_path: named(state, &path).unwrap_or_else(|| path.clone()),
        path,
        query: query.unwrap_or_default(),
        headers: headers.collect(),
        status: None,
    }
}

/// `/repositories/ID/rest` as `/repos/owner/name/rest`.
fn named(state: &SharedState, path: &str) -> Option<String> {
    let (id, rest) = path
        .strip_prefix("/repositories/")?
        .split_once('/')
        .unwrap_or((path, ""));
    let id = id.trim_start_matches("/repositories/").parse().ok()?;
    let name = state.world(|world| world.repo_by_id(id).map(crate::Repo::full_name))?;
    Some(
        format!("/repos/{name}/{rest}")
            .trim_end_matches('/')
            .to_owned(),
    )
}
