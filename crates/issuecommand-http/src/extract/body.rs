//! Bodies: as they come, and as JSON.

use axum::body::BodyDataStream;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use issuecommand_wire::{ApiError, Params, json};
use serde_json::Value;

use super::query::ignored_parameters;
use crate::budget::Share;
use crate::error::ErrorResponse;
use crate::settings::HttpSettings;
use crate::state::AppState;

/// How much of a body that is too large is read and thrown away, so that a client which writes before it reads hears its 413
/// instead of a broken connection.
const THROWN_AWAY: usize = 32 * 1024 * 1024;

/// The member of a body that says the same as the header.
const MEMBER: &str = "idempotency_key";

/// The object in the request's body, with its `Idempotency-Key` header as a field.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Params);

impl FromRequest<AppState> for Body {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ErrorResponse> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let fields = parse(&bytes(&parts.headers, body, &state.settings, None).await?)?;
        let fields = fields.with_notes(ignored_parameters(&parts.uri));
        let Some(key) = key else {
            return Ok(Self(fields));
        };
        let other = fields.raw_text(MEMBER).is_some_and(|it| it != key.trim());
        let warning = "idempotency_key was ignored: the header Idempotency-Key has another one.";
        let fields = fields.with_notes(other.then(|| warning.to_owned()));
        Ok(Self(fields.with(MEMBER, key)))
    }
}

/// The whole body as it came, no longer than the settings allow. One of which it is not known who sent it takes its bytes from a
/// share, and is refused where there are none left.
pub(crate) async fn bytes(
    headers: &HeaderMap,
    body: axum::body::Body,
    settings: &HttpSettings,
    share: Option<&mut Share>,
) -> Result<Vec<u8>, ApiError> {
    let limit = settings.body_limit;
    if content_length(headers).is_some_and(|length| length > THROWN_AWAY.max(limit)) {
        return Err(ApiError::payload_too_large(limit));
    }
    let read = read(body.into_data_stream(), limit, share);
    tokio::time::timeout(settings.body_timeout, read)
        .await
        .map_err(|_| ApiError::body_timed_out())?
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes());
    text.map(|text| Some(text.to_owned()))
        .map_err(|_| ApiError::bad_request("Idempotency-Key is not UTF-8."))
}

async fn read(
    mut body: BodyDataStream,
    limit: usize,
    mut share: Option<&mut Share>,
) -> Result<Vec<u8>, ApiError> {
    let (mut bytes, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| ApiError::bad_request("The body broke off."))?;
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            if let Some(share) = &mut share {
                share
                    .grow(chunk.len())
                    .map_err(|_| ApiError::no_room_for_body())?;
            }
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
            if let Some(share) = &mut share {
                share.clear();
            }
        }
        if seen > THROWN_AWAY.max(limit) {
            break;
        }
    }
    if seen > limit {
        Err(ApiError::payload_too_large(limit))
    } else {
        Ok(bytes)
    }
}

fn parse(bytes: &[u8]) -> Result<Params, ApiError> {
    // Some tools on Windows put a byte order mark before their JSON.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(ApiError::bad_request(
            "The body is empty; it must be a JSON object.",
        ));
    }
    let value: Value = json::parse(bytes)
        .map_err(|error| ApiError::bad_request(format!("The body is not valid JSON: {error}.")))?;
    Ok(Params::from_json(value)?)
}
