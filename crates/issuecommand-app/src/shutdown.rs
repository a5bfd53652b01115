//! Shutting down on SIGTERM or SIGINT.

use tokio_util::sync::CancellationToken;

/// Cancels the token at the first signal and returns at the second, which means that the operator does not wait for the
/// work that is still running.
pub(crate) async fn second_signal(stop: CancellationToken) {
    let mut signals = Signals::watch();
    signals.next().await;
    tracing::info!(name: "service.stopping", "stopping: what runs is finished first");
    stop.cancel();
    signals.next().await;
}

#[cfg(unix)]
struct Signals(Option<[tokio::signal::unix::Signal; 2]>);

#[cfg(unix)]
impl Signals {
    fn watch() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let both = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        let [Ok(terminate), Ok(interrupt)] = both else {
            tracing::warn!(name: "service.no_signals", "signals cannot be watched; they end this process at once");
            return Self(None);
        };
        Self(Some([terminate, interrupt]))
    }

    async fn next(&mut self) {
        let Some([terminate, interrupt]) = &mut self.0 else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn watch() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
