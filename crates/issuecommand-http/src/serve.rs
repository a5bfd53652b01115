//! Serving a socket until told to stop.

mod connection;

use std::io;
use std::time::Duration;

use issuecommand_core::service::Service;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Connections;
use crate::router::router;
use crate::settings::HttpSettings;

/// How long to wait before the next connection is taken when the system has no room for it.
const NO_ROOM: Duration = Duration::from_secs(1);

/// Serves until `shutdown`, then finishes what runs, for as long as the settings let it drain. Streams of events end at once.
///
/// # Errors
/// None: a listener that fails is tried again. The result is for what may come.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    settings: HttpSettings,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let drain = settings.drain;
    let connections = Connections {
        patience: settings.head_patience,
        router: router(service, settings, shutdown.clone()),
        shutdown: shutdown.clone(),
    };
    let open = TaskTracker::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => drop(open.spawn(connections.serve(stream, peer))),
                Err(error) if of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(name: "http.accept_failed", %error, "no connection can be taken");
                    tokio::time::sleep(NO_ROOM).await;
                }
            },
        }
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(drain, open.wait()).await.is_err() {
        tracing::warn!(
            seconds = drain.as_secs(),
            "connections were still open at the end of the drain"
        );
    }
    Ok(())
}

/// Whether it is the other end of one connection that failed, and not ours of all of them.
fn of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
