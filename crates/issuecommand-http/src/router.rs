//! All routes, their handlers and the layers in front of them.

use std::any::Any;

use axum::Router;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, patch, post};
use issuecommand_core::service::Service;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::{
    ClaimIssue, ExplainWork, GetAgents, GetAllClaims, GetFollowups, GetIssueDetails, GetMyWork,
    GiveClaim, GiveFollowup, Heartbeat, HeldFeedback, IssueReadiness, ListEvents, ListOpenIssues,
    ListRepos, NextIssue, NextWork, OfferIssue, ParkIssue, ReleaseIssue, SetWork, Sync,
    SystemHealth, UpdateClaimStatus, UpdateFollowupStatus,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;
use tracing::field::Empty;

use crate::auth::require_key;
use crate::error::ErrorResponse;
use crate::execute::{from_body, from_lenient_query, from_query};
use crate::limits::ByAddress;
use crate::metrics;
use crate::rejection_log::RejectionLog;
use crate::request_id;
use crate::routes::{events, health, webhooks};
use crate::settings::HttpSettings;
use crate::state::AppState;

/// The HTTP face of a service. Call it within a Tokio runtime: it starts the tasks that follow the event log and
/// that forget idle callers. `shutdown` ends them and every open stream. Limits by address want a `ConnectInfo<SocketAddr>` in each
/// request, as [`serve`](crate::serve) puts there.
///
/// # Panics
/// When the webhook's path is another route's.
pub fn router(service: Service, settings: HttpSettings, shutdown: CancellationToken) -> Router {
    let rejections = RejectionLog::start(&shutdown);
    routes(&AppState::start(service, settings, rejections, shutdown))
}

/// The routes over a state that was started.
pub(crate) fn routes(state: &AppState) -> Router {
    with_common_layers(assemble(state, closed(state)))
}

/// The routes that need no key.
fn open(state: &AppState) -> Router<AppState> {
    let open = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz));
    if state.has_public_metrics() {
        open.route("/metrics", get(metrics::metrics))
    } else {
        open
    }
}

/// The routes that ask for the key.
fn closed(state: &AppState) -> Router<AppState> {
    let stream = option_layer(state.limits.layer(ByAddress::Stream));
    let closed = api(state).route("/sse", get(events::stream).route_layer(stream));
    if state.has_public_metrics() {
        closed
    } else {
        closed.route("/metrics", get(metrics::metrics))
    }
}

/// The routes that are also counted by address. A first part of a path that is new here is also one that `WEBHOOK_PATH` may not
/// have: `ROUTES` in the configuration.
fn api(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/health", get(from_lenient_query::<SystemHealth>))
        .route("/api/sync", post(from_body::<Sync>))
        .route("/api/repos", get(from_lenient_query::<ListRepos>))
        .route(
            "/api/repos/{owner}/{repo}/issues",
            get(from_query::<ListOpenIssues>),
        )
        .route(
            "/api/issues/{owner}/{repo}/{number}",
            get(from_lenient_query::<GetIssueDetails>),
        )
        .route(
            "/api/issues/{owner}/{repo}/{number}/readiness",
            get(from_lenient_query::<IssueReadiness>),
        )
        .route("/api/explain", get(from_query::<ExplainWork>))
        .route("/api/events", get(from_query::<ListEvents>))
        .route("/api/heartbeat", post(from_body::<Heartbeat>))
        .route("/api/agents", get(from_query::<GetAgents>))
        .route("/api/next", post(from_body::<NextIssue>))
        .route("/api/next-work", post(from_body::<NextWork>))
        .route(
            "/api/claims",
            get(from_query::<GetAllClaims>).post(from_body::<ClaimIssue>),
        )
        .route(
            "/api/claims/{claim_id}",
            patch(from_body::<UpdateClaimStatus>).delete(from_body::<ReleaseIssue>),
        )
        .route("/api/followups", get(from_query::<GetFollowups>))
        .route(
            "/api/followups/held-back",
            get(from_lenient_query::<HeldFeedback>),
        )
        .route(
            "/api/followups/{work_item_id}",
            patch(from_body::<UpdateFollowupStatus>),
        )
        .route(
            "/api/issues/{owner}/{repo}/{number}/park",
            post(from_body::<ParkIssue>),
        )
        .route(
            "/api/issues/{owner}/{repo}/{number}/offer",
            post(from_body::<OfferIssue>),
        )
        .route("/api/claims/{claim_id}/give", post(from_body::<GiveClaim>))
        .route(
            "/api/followups/{work_item_id}/give",
            post(from_body::<GiveFollowup>),
        )
        .route("/api/work", post(from_body::<SetWork>))
        .route("/api/my-work", get(from_query::<GetMyWork>))
        .method_not_allowed_fallback(nothing_here)
        .route_layer(option_layer(state.limits.layer(ByAddress::Call)))
}

/// A delivery brings its own proof, for which its handler looks.
fn deliveries(state: &AppState) -> Router<AppState> {
    let webhooks = &state.settings.webhooks;
    let handler = if webhooks.enabled {
        post(webhooks::github)
    } else {
        any(nothing_here)
    };
    Router::new().route(&webhooks.path, handler)
}

/// Answers where no route is. Beside the routes that ask for the key it asks for the key first, so that a stranger does not learn
/// which paths there are.
fn nowhere(state: &AppState) -> Router {
    let calls = option_layer(state.limits.layer(ByAddress::Call));
    let closed = Router::new()
        .nest_service("/sse", any(nothing_here))
        .nest_service("/api", any(nothing_here).layer(calls));
    let closed = if state.has_public_metrics() {
        closed
    } else {
        closed.nest_service("/metrics", any(nothing_here))
    };
    closed
        .route_layer(from_fn_with_state(state.clone(), require_key))
        .fallback(nothing_here)
}

/// All routes. Everything in `closed` is behind the key, whatever its path.
fn assemble(state: &AppState, closed: Router<AppState>) -> Router {
    closed
        .method_not_allowed_fallback(nothing_here)
        .route_layer(from_fn_with_state(state.clone(), require_key))
        .merge(open(state))
        .merge(deliveries(state))
        .method_not_allowed_fallback(nothing_here)
        .fallback_service(nowhere(state))
        .layer(from_fn(metrics::count_request))
        .with_state(state.clone())
}

/// Adds the layers that every request passes through; the first line is outermost.
fn with_common_layers(routes: Router) -> Router {
    let id = request_id::HEADER;
    routes.layer(
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION]))
            .layer(from_fn(request_id::drop_malformed))
            .layer(SetRequestIdLayer::new(id.clone(), MakeRequestUuid))
            // Failures are logged with their cause where they happen; the status alone adds nothing.
            .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_failure(()))
            .layer(PropagateRequestIdLayer::new(id))
            .layer(from_fn(request_id::remember))
            .layer(CatchPanicLayer::custom(panicked)),
    )
}

/// The query stays out of the log, since callers may put secrets there by mistake. The rest has a bound, since
/// every line of the request repeats it.
fn span(request: &Request) -> Span {
    let request_id = request_id::of(request);
    let method = shortened(request.method().as_str(), 16);
    let path = shortened(request.uri().path(), 256);
    tracing::info_span!("http", method, path, request_id, principal = Empty)
}

/// The beginning of a text, of so many bytes at most.
fn shortened(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The panic itself was written by the panic hook.
fn panicked(_payload: Box<dyn Any + Send + 'static>) -> Response {
    ErrorResponse(ApiError::internal()).into_response()
}

async fn nothing_here() -> ErrorResponse {
    ErrorResponse(ApiError::not_found())
}

#[cfg(test)]
mod tests;
