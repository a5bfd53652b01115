//! Serving a socket until told to stop.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until `shutdown`, then finishes what runs, for `drain` at the longest. Streams of events end by themselves at
/// `shutdown` when the router was given the same token.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    drain: Duration,
) -> io::Result<()> {
    // Answers are small and written whole; waiting to fill a packet would only add time.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::trace!(%error, "TCP_NODELAY was not taken");
        }
    });
    let served =
        axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let overdue = async {
        shutdown.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        result = served => result,
        () = overdue => {
            tracing::warn!(seconds = drain.as_secs(), "connections were still open at the end of the drain");
            Ok(())
        }
    }
}
