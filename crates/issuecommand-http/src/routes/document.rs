//! The document of this surface, for programs and for people.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::openapi::{document, page};
use crate::state::AppState;

/// `GET /api/openapi.json`.
pub(crate) async fn json(State(state): State<AppState>) -> Response {
    let text = document(state.settings.webhooks.shown_path()).to_string();
    file("application/json", text)
}

/// `GET /api/docs`: the same as a page without scripts and without anything from elsewhere.
pub(crate) async fn page_of_it(State(state): State<AppState>) -> Response {
    let text = page(&document(state.settings.webhooks.shown_path()));
    file("text/html; charset=utf-8", text)
}

fn file(content_type: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        // The page needs its own style and nothing else.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
    ];
    (headers, Bytes::from(text)).into_response()
}
