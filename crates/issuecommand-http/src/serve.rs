//! Serving a socket until told to stop.

mod activity;
pub(crate) mod admission;
mod body;
mod connection;
mod departure;
mod socket;

use std::io;
use std::time::Duration;

use issuecommand_core::service::Service;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::activity::Timeouts;
use self::admission::{Admission, Bounds};
use self::connection::Connections;
use crate::rejection_log::{Kind, RejectionLog};
use crate::router::routes;
use crate::settings::HttpSettings;
use crate::state::AppState;

/// How long to wait before the next connection is taken when the system has no room for it.
const NO_ROOM: Duration = Duration::from_secs(1);
/// The same when a stranger's connection was closed to make room.
const ROOM: Duration = Duration::from_millis(10);

/// Serves until `shutdown`, then finishes what runs, for as long as the settings let it drain. Streams of events end at once.
///
/// # Errors
/// None today: a listener that fails is tried again.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    settings: HttpSettings,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let drain = settings.drain;
    let rejections = RejectionLog::start(&shutdown);
    let admission = Admission::new(Bounds {
        all: settings.connections,
        address: settings.connections_per_address,
    });
    let state = AppState::start(service, settings, rejections.clone(), shutdown.clone());
    let settings = &state.settings;
    let connections = Connections {
        timeouts: Timeouts {
            idle: settings.head_timeout,
            write: settings.write_timeout,
        },
        router: routes(&state),
        admission: admission.clone(),
        rejections: rejections.clone(),
        shutdown: shutdown.clone(),
    };
    let open = TaskTracker::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Some(connection) = connections.serve(stream, peer) {
                        drop(open.spawn(connection));
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Most likely there are no more file descriptors.
                    let made = admission.make_room();
                    if rejections.admit(Kind::Connection) {
                        tracing::warn!(name: "http.accept_failed", %error, "no connection can be taken");
                    }
                    tokio::time::sleep(if made { ROOM } else { NO_ROOM }).await;
                }
            },
        }
    }
    drop(listener);
    open.close();
    let deadline = Instant::now() + drain;
    if timeout_at(deadline, open.wait()).await.is_err() {
        tracing::warn!(
            name: "http.drain_ended", seconds = drain.as_secs(),
            "connections were still open at the end of the drain"
        );
    }
    // Clients that hung up have left their calls behind.
    let mcp = async {
        match &state.mcp {
            Some(mcp) => mcp.executor.drain(deadline).await,
            None => true,
        }
    };
    let (calls, tools) = tokio::join!(state.executor.drain(deadline), mcp);
    if !(calls && tools) {
        tracing::warn!(
            name: "http.drain_ended", seconds = drain.as_secs(),
            "calls still ran at the end of the drain"
        );
    }
    Ok(())
}

/// Whether it is the other end of one connection that failed, and not ours of all of them.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
