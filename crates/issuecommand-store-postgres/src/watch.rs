//! Noticing that something was written: by this process at once, by another when PostgreSQL passes its word on.

use std::time::Duration;

use issuecommand_store::Writer;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::task::AbortHandle;
use tracing::debug;

use crate::options::PostgresOptions;
use crate::session::CHANNEL;

/// When a waiter goes home though nothing was heard. Notifications are a hint alone: behind PgBouncer in transaction mode
/// nobody hears any.
const LONGEST: Duration = Duration::from_millis(200);

/// How long to wait before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// The task that listens, on a connection of its own.
#[derive(Debug)]
pub(crate) struct Watch {
    listening: AbortHandle,
}

impl Watch {
    /// Listens for other instances than the one of this name, from now on or as soon as that can be.
    pub(crate) fn start(options: &PostgresOptions, writer: Writer, name: String) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options.connect().clone());
        let listening = async move {
            loop {
                let heard = async {
                    let mut listener = PgListener::connect_with(&pool).await?;
                    listener.listen(CHANNEL).await?;
                    loop {
                        if listener.recv().await?.payload() != name {
                            writer.wake();
                        }
                    }
                };
                let broken: Result<(), sqlx::Error> = heard.await;
                debug!(?broken, "not listening to other instances");
                tokio::time::sleep(AGAIN).await;
            }
        };
        Self {
            listening: tokio::spawn(listening).abort_handle(),
        }
    }

    /// Comes back when something was written, or after a while.
    pub(crate) async fn changed(&self, writer: &Writer) {
        tokio::select! {
            () = writer.written() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    }

    pub(crate) fn close(&self) {
        self.listening.abort();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.close();
    }
}
