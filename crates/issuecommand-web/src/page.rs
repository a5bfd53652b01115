//! The frame around every page, and pages that only say something.

use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use issuecommand_wire::ApiError;
use issuecommand_wire::error::ErrorBody;

use crate::assets::{ASSETS, Assets};
use crate::form::Form;
use crate::guard::SiteAddress;
use crate::person::cookie;

const THEME: &str = "issuecommand-theme";

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    assets: &'static Assets,
    title: &'a str,
    words: &'a str,
}

/// A rendered page.
pub(crate) fn html(status: StatusCode, rendered: askama::Result<String>) -> Response {
    match rendered {
        Ok(html) => {
            let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(name: "web.broken", %error, "a page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page that says that something was not done.
pub(crate) fn refusal(status: StatusCode, title: &str, words: &str) -> Response {
    let page = Message {
        assets: &ASSETS,
        title,
        words,
    };
    html(status, page.render())
}

/// The page for a call that was not answered.
pub(crate) fn failure(error: &ApiError) -> Response {
    if let Some(cause) = &error.cause {
        tracing::error!(name: "web.failed", cause, "a page could not be made");
    }
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // A key in a cookie is no reason for the browser to ask for a password.
    let title = if error.is_failure() {
        "This did not work"
    } else {
        "Not possible"
    };
    refusal(status, title, &words(error))
}

/// What an error says to a person.
pub(crate) fn words(error: &ApiError) -> String {
    match &error.body {
        ErrorBody::Refusal(refusal) => refusal.message.clone(),
        ErrorBody::Failure(failure) => {
            let message = failure
                .message
                .as_deref()
                .unwrap_or("Something went wrong.");
            match &failure.request_id {
                Some(id) => format!("{message} The log tells more under the request id {id}."),
                None => message.to_owned(),
            }
        }
    }
}

/// The answer where no page is.
pub(crate) async fn nowhere() -> Response {
    let words = "There is no such page in the dashboard.";
    refusal(StatusCode::NOT_FOUND, "No such page", words)
}

/// The answer to another method than the page's.
pub(crate) async fn no_such_method() -> Response {
    let words =
        "This address does not take such a request. Open the dashboard and try again there.";
    refusal(StatusCode::METHOD_NOT_ALLOWED, "Not here", words)
}

/// The colours that the browser chose: `light`, `dark`, or those of its system (empty).
pub(crate) fn theme(headers: &HeaderMap) -> &'static str {
    match cookie(headers, THEME) {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "",
    }
}

/// `POST /ui/theme`.
pub(crate) async fn set_theme(Extension(reached): Extension<SiteAddress>, body: Bytes) -> Response {
    let form = Form::read(&body);
    let theme = match form.text("theme") {
        Some(theme @ ("light" | "dark")) => theme,
        _ => "",
    };
    let (seconds, secure) = (
        if theme.is_empty() { 0 } else { 31_536_000 },
        if reached.secure { "; Secure" } else { "" },
    );
    let text =
        format!("{THEME}={theme}; Path=/ui; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut response =
        Redirect::to(form.text("back").map_or("/ui", crate::sign_in::inside)).into_response();
    if let Ok(cookie) = HeaderValue::try_from(text) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
