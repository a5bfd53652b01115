//! All routes, their handlers and the layers in front of them.

use std::any::Any;

use axum::Router;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use issuecommand_core::service::Service;
use issuecommand_wire::ApiError;
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
use crate::limits::ByAddress;
use crate::metrics;
use crate::mount::{MountedMcp, introduce_browser, name_session};
use crate::rejection_log::RejectionLog;
use crate::request_id;
use crate::routes::table::{Door, ROUTES};
use crate::routes::webhooks;
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

/// The routes of the table with this door.
fn through(door: Door) -> Router<AppState> {
    let routes = ROUTES.iter().filter(|route| route.door == door);
    routes.fold(Router::new(), |router, route| {
        router.route(route.path, (route.handler)())
    })
}

/// The routes that need no key.
fn open(state: &AppState) -> Router<AppState> {
    let open = through(Door::Open);
    if state.has_public_metrics() {
        open.merge(through(Door::Metrics))
    } else {
        open
    }
}

/// The routes that ask for the key.
fn closed(state: &AppState) -> Router<AppState> {
    let limit = |by| option_layer(state.limits.layer(by));
    let calls = through(Door::Api)
        .method_not_allowed_fallback(nothing_here)
        .route_layer(limit(ByAddress::Call));
    let closed = calls.merge(through(Door::Stream).route_layer(limit(ByAddress::Stream)));
    let closed = match &state.mcp {
        Some(mounted) => closed.merge(mcp(state, mounted)),
        None => closed,
    };
    if state.has_public_metrics() {
        closed
    } else {
        closed.merge(through(Door::Metrics))
    }
}

/// MCP, counted by address as the calls are.
fn mcp(state: &AppState, mounted: &MountedMcp) -> Router<AppState> {
    Router::new()
        .route_service("/mcp", mounted.service.clone())
        .route_layer(from_fn(name_session))
        .route_layer(option_layer(state.limits.layer(ByAddress::Call)))
}

/// The dashboard, which signs people in by itself. Counted by address as the calls are.
fn dashboard(state: &AppState) -> Router<AppState> {
    let Some(mounted) = &state.dashboard else {
        return Router::new();
    };
    Router::new()
        .route_service("/ui", mounted.clone())
        .route_service("/ui/{*path}", mounted.clone())
        .route_layer(from_fn_with_state(state.clone(), introduce_browser))
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
        .merge(dashboard(state))
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
