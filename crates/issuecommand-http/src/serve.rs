//! Serving a socket until told to stop.

use std::io;

use axum::serve::ListenerExt;
use issuecommand_core::service::Service;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::router::router;
use crate::settings::HttpSettings;

/// Serves until `shutdown`, then finishes what runs, for as long as the settings let it drain. Streams of events end at once.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    settings: HttpSettings,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let drain = settings.drain;
    let router = router(service, settings, shutdown.clone());
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
