//! The reply of a handler, and GitHub's errors.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The result of a handler. Both sides are replies, so that `?` returns GitHub's refusal.
pub(super) type Answer = Result<Reply, Box<Reply>>;

/// A status, JSON and headers.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
    /// The text of a file, which is sent instead of JSON.
    text: Option<String>,
}

impl Reply {
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body,
            text: None,
        }
    }

    /// 200 with the text of a file.
    pub(super) fn raw(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::new(StatusCode::OK, Value::Null)
        }
        .with(
            header::CONTENT_TYPE,
            "application/vnd.github.raw+json; charset=utf-8",
        )
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "a handler ends with it: both ends of it are Answers"
    )]
    pub(super) fn ok(body: Value) -> Answer {
        Ok(Self::new(StatusCode::OK, body))
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "a handler ends with it: both ends of it are Answers"
    )]
    /// 201, with the address that GitHub gives in `url`.
    pub(super) fn created(body: Value) -> Answer {
        let url = body["url"].as_str().unwrap_or_default().to_owned();
        Ok(Self::new(StatusCode::CREATED, body).with(header::LOCATION, &url))
    }

    /// 204.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a handler ends with it: both ends of it are Answers"
    )]
    pub(super) fn nothing() -> Answer {
        Ok(Self::new(StatusCode::NO_CONTENT, Value::Null))
    }

    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        if self.status == StatusCode::NO_CONTENT {
            return (self.status, self.headers).into_response();
        }
        if let Some(text) = self.text {
            // The headers come last, because a text sets a type of its own.
            let mut response = (self.status, text).into_response();
            response.headers_mut().extend(self.headers);
            return response;
        }
        (self.status, self.headers, axum::Json(self.body)).into_response()
    }
}

impl IntoResponse for Box<Reply> {
    fn into_response(self) -> Response {
        (*self).into_response()
    }
}

/// The body of a GitHub error.
fn refusal(status: StatusCode, message: &str) -> Box<Reply> {
    Box::new(Reply::new(
        status,
        json!({
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.as_str(),
        }),
    ))
}

pub(super) fn no_commit(sha: &str) -> Box<Reply> {
    let message = format!("No commit found for SHA: {sha}");
    refusal(StatusCode::UNPROCESSABLE_ENTITY, &message)
}

pub(super) fn not_found() -> Box<Reply> {
    refusal(StatusCode::NOT_FOUND, "Not Found")
}

pub(super) fn not_found_because(message: &str) -> Box<Reply> {
    refusal(StatusCode::NOT_FOUND, message)
}

pub(super) fn gone(message: &str) -> Box<Reply> {
    refusal(StatusCode::GONE, message)
}

pub(super) fn bad_credentials(given: bool) -> Box<Reply> {
    refusal(
        StatusCode::UNAUTHORIZED,
        if given {
            "Bad credentials"
        } else {
            "Requires authentication"
        },
    )
}

pub(super) fn forbidden(message: &str) -> Box<Reply> {
    refusal(StatusCode::FORBIDDEN, message)
}

/// A repository that is blocked for legal reasons.
pub(super) fn blocked() -> Box<Reply> {
    let status = StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;
    let mut reply = refusal(status, "Repository access blocked");
    reply.body["block"] = json!({"reason": "dmca", "created_at": "2026-01-01T00:00:00Z"});
    reply
}

pub(super) fn bad_json() -> Box<Reply> {
    refusal(StatusCode::BAD_REQUEST, "Problems parsing JSON")
}

pub(super) fn unprocessable(message: &str) -> Box<Reply> {
    refusal(StatusCode::UNPROCESSABLE_ENTITY, message)
}

pub(super) fn conflict(message: &str) -> Box<Reply> {
    refusal(StatusCode::CONFLICT, message)
}

pub(super) fn not_mergeable() -> Box<Reply> {
    refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "Pull Request is not mergeable",
    )
}

/// 422 with one validation error in GitHub's format.
pub(super) fn invalid(resource: &str, field: &str, code: &str) -> Box<Reply> {
    invalid_because(&json!({"resource": resource, "field": field, "code": code}))
}

pub(super) fn invalid_because(error: &Value) -> Box<Reply> {
    let mut reply = refusal(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
    reply.body["errors"] = json!([error]);
    reply
}

/// The object has another address. GitHub redirects reads with 301, and writes, whose body must be sent again, with 307.
pub(super) fn moved(reading: bool, url: &str) -> Box<Reply> {
    let (status, message) = if reading {
        (StatusCode::MOVED_PERMANENTLY, "Moved Permanently")
    } else {
        (StatusCode::TEMPORARY_REDIRECT, "Temporary Redirect")
    };
    let body = json!({
        "message": message,
        "url": url,
        "documentation_url":
            "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
    });
    Box::new(Reply::new(status, body).with(header::LOCATION, url))
}
