//! What a request over HTTP is refused for, as errors of JSON-RPC in the words of the other transport. rmcp answers most of it by
//! bare text, and takes a body that is no message for a wrong media type.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Display;
use std::pin::pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Body;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use issuecommand_wire::ApiError;
use issuecommand_wire::json::mend_surrogates;
use rmcp::model::{ClientJsonRpcMessage, ErrorCode};
use serde_json::{Value, json};

use super::{LIMIT, plain};
use crate::lines::{BODY, Decoded, decode, no_such_method};
use crate::result::log_cause;

type Answer = Response<BoxBody<Bytes, Infallible>>;

const JSON: &str = "application/json";
/// How far into an answer it is looked whether it is an error.
const HEAD: usize = 512;
/// How much of a name from a request is repeated, in characters.
const NAME: usize = 100;

/// Every answer is one JSON object: who takes that need not take an event stream too, which rmcp asks for.
pub(super) fn widen_accept(headers: &mut HeaderMap) {
    let given = headers.get_all(header::ACCEPT).iter();
    let given = given.map(|value| value.to_str().unwrap_or_default());
    let mut ranges = given.flat_map(|text| text.split(','));
    let takes_json = |range: &str| {
        let range = range.split(';').next().unwrap_or_default().trim();
        [JSON, "application/*", "*/*"]
            .iter()
            .any(|known| range.eq_ignore_ascii_case(known))
    };
    if !headers.contains_key(header::ACCEPT) || ranges.any(takes_json) {
        let both = HeaderValue::from_static("application/json, text/event-stream");
        headers.insert(header::ACCEPT, both);
    }
}

/// The message in a body, as its bytes and as it is understood; else the answer to what it is instead.
pub(super) async fn message<B>(body: B) -> Result<(Bytes, Box<ClientJsonRpcMessage>), Answer>
where
    B: Body<Data: Send, Error: Display> + Send,
{
    let body = read(body).await?;
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    if text.trim_ascii().is_empty() {
        let words = "The body is empty: it must be a message, which is a JSON object.";
        return Err(no(StatusCode::BAD_REQUEST, ErrorCode::PARSE_ERROR, words));
    }
    match decode(text, &BODY) {
        Decoded::Message(message) => {
            let bytes = match mend_surrogates(text) {
                Cow::Borrowed(_) => body.slice_ref(text),
                Cow::Owned(mended) => mended.into(),
            };
            Ok((bytes, message))
        }
        Decoded::Nothing => Err(plain(StatusCode::ACCEPTED)),
        Decoded::Refused(errors) => {
            let errors = match &errors[..] {
                [one] => one.clone(),
                several => format!("[{}]", several.join(",")),
            };
            Err(answer(StatusCode::BAD_REQUEST, errors))
        }
    }
}

async fn read<B>(body: B) -> Result<Bytes, Answer>
where
    B: Body<Data: Send, Error: Display> + Send,
{
    let (mut body, mut bytes) = (pin!(body), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            let words = "The body broke off.";
            return Err(no(StatusCode::BAD_REQUEST, ErrorCode::PARSE_ERROR, words));
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > LIMIT - bytes.len() {
            let words = format!("The body is longer than {LIMIT} bytes.");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(no(status, ErrorCode::INVALID_REQUEST, &words));
        }
        bytes.put(data);
    }
    Ok(bytes.freeze())
}

/// By which name a request came, and from which web page.
#[derive(Debug)]
pub(super) struct CalledAs {
    host: String,
    origin: String,
}

impl CalledAs {
    pub(super) fn of(parts: &Parts) -> Self {
        let header = |name| {
            let value = parts.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let authority = || parts.uri.authority().map(ToString::to_string);
        let short = |text: Option<String>| text.unwrap_or_default().chars().take(NAME).collect();
        Self {
            host: short(header(header::HOST).or_else(authority)),
            origin: short(header(header::ORIGIN)),
        }
    }
}

/// An answer of rmcp whose refusals are errors of JSON-RPC that say what to do.
pub(super) async fn in_words(response: Answer, called_as: &CalledAs) -> Answer {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_json = kind.is_some_and(|kind| kind.as_bytes().starts_with(JSON.as_bytes()));
    let status = response.status();
    if !is_json && !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    };
    if is_json {
        return Response::from_parts(parts, Full::new(named(body)).boxed());
    }
    let said = String::from_utf8_lossy(&body);
    let code = if status.is_server_error() {
        ErrorCode::INTERNAL_ERROR
    } else {
        ErrorCode::INVALID_REQUEST
    };
    no(status, code, &words(status, &said, called_as))
}

/// The words for what rmcp says so.
fn words(status: StatusCode, said: &str, called_as: &CalledAs) -> String {
    let CalledAs { host, origin } = called_as;
    match status {
        StatusCode::FORBIDDEN if said.contains("Host") => {
            tracing::warn!(name: "mcp.foreign_host", host, "a request to /mcp was refused for its Host, which is not in MCP_ALLOWED_HOSTS");
            format!(
                "/mcp is not served under the name {host:?}, which is the Host of the request. Its operator can add the name to \
                 MCP_ALLOWED_HOSTS."
            )
        }
        StatusCode::FORBIDDEN => {
            tracing::warn!(name: "mcp.foreign_origin", origin, "a request to /mcp was refused for its Origin, which is not in MCP_ALLOWED_ORIGINS");
            format!(
                "/mcp may not be called from web pages of {origin:?}, which is the Origin of the request. Its operator can add it to \
                 MCP_ALLOWED_ORIGINS."
            )
        }
        StatusCode::NOT_ACCEPTABLE => {
            "Accept must allow application/json: every answer is one JSON object.".to_owned()
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Content-Type must be application/json.".to_owned(),
        _ => format!("{}.", said.trim_end_matches('.')),
    }
}

/// An answer whose error on a method that is not here is a sentence.
fn named(body: Bytes) -> Bytes {
    let head = &body[..body.len().min(HEAD)];
    let error = b"\"error\"";
    if !head.windows(error.len()).any(|part| part == error) {
        return body;
    }
    let Ok(mut told) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    if told["error"]["code"] != ErrorCode::METHOD_NOT_FOUND.0 {
        return body;
    }
    let name = told["error"]["message"].as_str().unwrap_or_default();
    told["error"]["message"] = no_such_method(name).into();
    told.to_string().into()
}

/// What a request that is no message of the protocol is refused for, or failed by.
pub(super) fn failed(error: ApiError) -> Answer {
    log_cause(&error);
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = if status.is_server_error() {
        ErrorCode::INTERNAL_ERROR
    } else {
        ErrorCode::INVALID_REQUEST
    };
    let data = error.json();
    let error = json!({ "code": code.0, "message": data["message"], "data": data });
    let told = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    answer(status, told.to_string())
}

fn no(status: StatusCode, code: ErrorCode, words: &str) -> Answer {
    let error = json!({ "code": code.0, "message": words });
    let told = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    answer(status, told.to_string())
}

fn answer(status: StatusCode, json: String) -> Answer {
    let mut answer = Response::new(Full::from(json).boxed());
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static(JSON);
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
