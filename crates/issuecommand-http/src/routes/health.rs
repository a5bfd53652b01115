//! How we are: in full with the key, and without it nothing but our name and whether we are up.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use issuecommand_core::command::Caller;
use issuecommand_wire::call::SystemHealth;
use issuecommand_wire::record::DatabaseRecord;
use serde::Serialize;

use crate::extract::lenient;
use crate::neighbour;
use crate::reply::{No, answer};
use crate::state::AppState;

/// How long the store may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Up {
    service: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<DatabaseRecord>,
}

fn up(ok: bool) -> Json<Up> {
    Json(Up {
        service: "issuecommand",
        ok,
        database: None,
    })
}

pub(crate) async fn health(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, No> {
    answer::<SystemHealth>(state, caller, lenient(request.uri())).await
}

/// This process answers. By the name in it another process of our kind knows that the port is in good hands; one that proves
/// that it has the same API key hears of the database, too.
pub(crate) async fn healthz(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let mut up = up(true);
    if neighbour::proven(&headers, &state.settings.api_key) {
        up.database = state.service.database().map(DatabaseRecord::from);
    }
    up.into_response()
}

/// This process can work: its store answers, and it is not on its way out.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let store = tokio::time::timeout(PATIENCE, state.service.store().last_event()).await;
    if matches!(store, Ok(Ok(_))) && !state.shutdown.is_cancelled() {
        up(true).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, up(false)).into_response()
    }
}
