//! One connection, of HTTP/1 or HTTP/2.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::activity::{Activity, Exchange, Timeouts, Verdict};
use super::admission::{Admission, ConnectionHandle};
use super::body::{AnswerBody, RequestBody};
use super::departure::Departure;
use super::socket::Socket;
use crate::rejection_log::{Kind, RejectionLog};

/// How long a connection that asks for nothing may take to close of itself: HTTP/2 says goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// The largest head of a request, and how much of an answer waits in memory for its connection.
const BUFFER: usize = 32 * 1024;
/// HTTP/2 flow-control windows: bytes of bodies that may be in flight before they are read, by request and by connection.
const WINDOW: u32 = 64 * 1024;
/// HTTP/2: how many requests of a connection are answered at a time.
const STREAMS: u32 = 64;

/// The state that all connections share.
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) timeouts: Timeouts,
    pub(super) admission: Admission,
    pub(super) rejections: RejectionLog,
    pub(super) shutdown: CancellationToken,
}

impl Connections {
    /// Serves a connection until its client leaves, or, once told to stop, until what runs on it is answered. `None` when it is
    /// not let in.
    pub(super) fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let activity = Activity::new();
        let Some((place, evicted)) = self.admission.enter(peer.ip(), &activity) else {
            if self.rejections.admit(Kind::Connection) {
                tracing::warn!(name: "http.connection_refused", %peer, "a connection was refused: every place is taken by somebody with a key");
            }
            return None;
        };
        if evicted && self.rejections.admit(Kind::Connection) {
            tracing::info!(name: "http.connection_evicted", %peer, "a stranger's connection made room for another");
        }
        let (router, timeouts, shutdown) =
            (self.router.clone(), self.timeouts, self.shutdown.clone());
        Some(async move {
            let stream = Arc::new(stream);
            let mut departure = Departure::of(stream.clone(), activity.clone());
            let socket = Socket::new(stream, activity.clone(), timeouts.write);
            let handle = place.handle();
            let service = service_fn(|request: Request<Incoming>| {
                answer(router.clone(), &activity, &handle, peer, request)
            });
            let builder = builder(timeouts.idle);
            let served = builder.serve_connection(TokioIo::new(socket), service);
            let look = sleep_until(Instant::now() + timeouts.idle.min(timeouts.write));
            let (mut served, mut look) = (pin!(served), pin!(look));
            let (mut stopping, mut closing) = (false, false);
            loop {
                tokio::select! {
                    // The departure is looked for when it is known what the connection does.
                    biased;
                    result = served.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(name: "http.connection", %peer, %error, "a connection broke off");
                        }
                        break;
                    }
                    () = poll_fn(|cx| departure.poll(cx)) => {
                        tracing::debug!(name: "http.connection", %peer, "a client left");
                        break;
                    }
                    () = look.as_mut() => match activity.verdict(timeouts) {
                        Verdict::GoesOn(until) => look.as_mut().reset(until),
                        Verdict::Idle if !closing => {
                            closing = true;
                            served.as_mut().graceful_shutdown();
                            look.as_mut().reset(Instant::now() + GOODBYE);
                        }
                        verdict @ (Verdict::Idle | Verdict::Stuck) => {
                            tracing::debug!(name: "http.connection", %peer, ?verdict, "a connection is closed");
                            break;
                        }
                    },
                    () = place.ended() => {
                        tracing::debug!(name: "http.connection", %peer, "a connection is closed at once");
                        break;
                    }
                    () = shutdown.cancelled(), if !stopping => {
                        stopping = true;
                        served.as_mut().graceful_shutdown();
                    }
                }
            }
        })
    }
}

fn builder(timeouts: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts)
        .max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(STREAMS)
        .max_send_buf_size(BUFFER);
    builder
}

/// Lets the router answer a request, and notes in the activity that it runs and whether its response is read.
fn answer(
    router: Router,
    activity: &Arc<Activity>,
    handle: &ConnectionHandle,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> impl Future<Output = Result<Response<AnswerBody>, Infallible>> + Send + use<> {
    let exchange = Exchange::begin(activity);
    let extensions = request.extensions_mut();
    extensions.insert(ConnectInfo(peer));
    extensions.insert(handle.clone());
    let activity = activity.clone();
    let request = request.map(|body| Body::new(RequestBody::new(body, activity)));
    async move {
        let response = router.oneshot(request).await?;
        Ok(response.map(|body| AnswerBody::new(body, exchange)))
    }
}
