//! Other surfaces at a path of this server, within the same limits: MCP behind the same key, and the dashboard, which signs people in
//! by itself.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_executor::Executor;
use issuecommand_executor::keys::Keys;
use issuecommand_executor::limits::ClientAddress;
use issuecommand_wire::Params;
use tokio_util::sync::CancellationToken;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt};
use tracing::Span;

use crate::error::ErrorResponse;
use crate::serve::admission::ConnectionHandle;
use crate::session::in_session;
use crate::state::AppState;

pub(crate) type Mounted = BoxCloneSyncService<Request, Response, Infallible>;

/// What a surface that is mounted here is given.
#[derive(Clone, Debug)]
pub struct MountParts {
    /// Runs its calls, and counts them and their changes with those of HTTP.
    pub executor: Executor,
    /// Judges keys, for a surface that does so itself.
    pub keys: Keys,
    /// Ends what it has running.
    pub shutdown: CancellationToken,
}

/// Makes the other surface.
#[derive(Clone)]
pub struct Mount(Arc<dyn Fn(MountParts) -> Mounted + Send + Sync>);

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mount")
    }
}

impl Mount {
    /// The surface that `make` makes. Behind the key its requests carry their [`Caller`] among their extensions.
    pub fn new<S, B>(make: impl Fn(MountParts) -> S + Send + Sync + 'static) -> Self
    where
        S: Service<Request, Response = Response<B>, Error = Infallible, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(Arc::new(move |parts| {
            let service = make(parts).map_response(|response| response.map(Body::new));
            BoxCloneSyncService::new(service)
        }))
    }

    pub(crate) fn make(&self, parts: MountParts) -> Mounted {
        (self.0)(parts)
    }
}

/// MCP at its path, with the executor of its calls.
#[derive(Clone, Debug)]
pub(crate) struct MountedMcp {
    pub(crate) service: Mounted,
    pub(crate) executor: Executor,
}

/// Puts the session that a request names by its header into its caller.
pub(crate) async fn name_session(headers: HeaderMap, mut request: Request, next: Next) -> Response {
    if let Some(caller) = request.extensions_mut().remove::<Caller>() {
        match in_session(caller, &headers, Params::default()) {
            Ok((caller, _)) => request.extensions_mut().insert(caller),
            Err(error) => return ErrorResponse(error).into_response(),
        };
    }
    next.run(request).await
}

/// Tells the dashboard which address a request comes from. A request whose session it found good takes its connection out of the
/// strangers, as a good key does: its response carries its [`Caller`].
pub(crate) async fn introduce_browser(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let address = state.limits.caller(request.headers(), request.extensions());
    request.extensions_mut().insert(ClientAddress(address));
    let connection = request.extensions().get::<ConnectionHandle>().cloned();
    let response = next.run(request).await;
    if let Some(caller) = response.extensions().get::<Caller>() {
        let principal = String::from(caller.principal.clone());
        Span::current().record("principal", principal);
        if let Some(connection) = connection {
            connection.prove();
        }
    }
    response
}
