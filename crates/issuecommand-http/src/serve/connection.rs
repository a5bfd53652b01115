//! One connection, of HTTP/1 or HTTP/2.

use std::future::{Future, pending};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What all connections share.
pub(super) struct Connections {
    pub(super) router: Router,
    /// How long the head of a request may take to come, the wait for it included.
    pub(super) patience: Duration,
    pub(super) shutdown: CancellationToken,
}

impl Connections {
    /// Serves a connection until its client leaves, or, once told to stop, until what runs on it is answered.
    pub(super) fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> impl Future<Output = ()> + Send + use<> {
        // Answers are small and written whole; waiting to fill a packet would only add time.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::trace!(name: "http.connection", %error, "TCP_NODELAY was not taken");
        }
        let (router, patience, shutdown) =
            (self.router.clone(), self.patience, self.shutdown.clone());
        async move {
            let asked = Arc::new(Notify::new());
            let overdue = nothing_asked(asked.clone(), patience);
            let requests = router.map_request(move |mut request: Request<Incoming>| {
                asked.notify_one();
                request.extensions_mut().insert(ConnectInfo(peer));
                request.map(Body::new)
            });
            let mut builder = Builder::new(TokioExecutor::new());
            builder
                .http1()
                .timer(TokioTimer::new())
                .header_read_timeout(patience);
            builder.http2().timer(TokioTimer::new());
            let served =
                builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(requests));
            let (mut served, mut overdue) = (pin!(served), pin!(overdue));
            let mut stopping = false;
            loop {
                tokio::select! {
                    result = served.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(name: "http.connection", %peer, %error, "a connection broke off");
                        }
                        break;
                    }
                    () = overdue.as_mut() => {
                        tracing::debug!(name: "http.connection", %peer, "a connection asked for nothing");
                        break;
                    }
                    () = shutdown.cancelled(), if !stopping => {
                        stopping = true;
                        served.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}

/// Ends when nothing was asked for in time, and else never. Hyper's own limit does not see the first bytes, by which the two
/// versions of HTTP are told apart.
async fn nothing_asked(asked: Arc<Notify>, patience: Duration) {
    if timeout(patience, asked.notified()).await.is_ok() {
        pending::<()>().await;
    }
}
