//! Another surface at a path of this server, behind the same key and the same limits.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_executor::Executor;
use issuecommand_wire::Params;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt};

use crate::error::ErrorResponse;
use crate::session::in_session;

pub(crate) type Mounted = BoxCloneSyncService<Request, Response, Infallible>;

/// Makes the other surface for an executor, which counts its calls and changes with those of HTTP.
#[derive(Clone)]
pub struct Mount(Arc<dyn Fn(Executor) -> Mounted + Send + Sync>);

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mount")
    }
}

impl Mount {
    /// The surface that `make` makes. Its requests carry their [`Caller`] among their extensions.
    pub fn new<S, B>(make: impl Fn(Executor) -> S + Send + Sync + 'static) -> Self
    where
        S: Service<Request, Response = Response<B>, Error = Infallible, Future: Send>
            + Clone
            + Send
            + Sync
            + 'static,
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(Arc::new(move |executor| {
            let service = make(executor).map_response(|response| response.map(Body::new));
            BoxCloneSyncService::new(service)
        }))
    }

    pub(crate) fn make(&self, executor: Executor) -> Mounted {
        (self.0)(executor)
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
