//! Health without a key: nothing but the name of the service and whether it is up.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::failure::Unwritable;
use issuecommand_wire::record::DatabaseRecord;
use serde::Serialize;

use crate::neighbour_proof;
use crate::state::AppState;

/// How long the store may take to show that it is there.
const TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Liveness {
    service: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<DatabaseRecord>,
    /// Why it is not ready, where its database cannot be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

fn up(ok: bool) -> Json<Liveness> {
    Json(Liveness {
        service: "issuecommand",
        ok,
        database: None,
        reason: None,
        warnings: Vec::new(),
    })
}

/// This process answers. By the name in it another process of our kind knows that the port is in good hands; one that proves
/// that it has the same API key hears of the database, too.
pub(crate) async fn healthz(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let mut up = up(true);
    if neighbour_proof::is_proven(&headers, &state.settings.api_key) {
        up.database = state.service.database().map(DatabaseRecord::from);
    }
    up.into_response()
}

/// This process can work: its store answers and can be written to, and it is not on its way out. Why it cannot be written to,
/// and that the clock was set, is told in words that say nothing of what it holds.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let condition = tokio::time::timeout(TIMEOUT, state.service.store().condition()).await;
    let Ok(Ok(condition)) = condition else {
        return (StatusCode::SERVICE_UNAVAILABLE, up(false)).into_response();
    };
    let unwritable = condition.unwritable;
    let ready = unwritable.is_none() && !state.shutdown.is_cancelled();
    let mut body = up(ready);
    body.reason = unwritable.map(Unwritable::as_str);
    body.warnings = state.service.clock_warnings(&condition);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, body).into_response()
}
