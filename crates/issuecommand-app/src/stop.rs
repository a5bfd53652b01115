//! When to stop: on SIGTERM or SIGINT.

use tokio_util::sync::CancellationToken;

/// Cancels the token with the first signal. A second one ends the process at once, as the system does it.
pub(crate) fn on_signals(stop: CancellationToken) {
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping: what runs is finished first");
        stop.cancel();
    });
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::warn!("signals cannot be watched; end this process by closing its standard input");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
