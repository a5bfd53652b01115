//! Noticing that something was written: by this process at once, by another when PostgreSQL passes its word on.

use std::time::Duration;

use issuecommand_store::Writer;
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use tokio::task::AbortHandle;
use tracing::{debug, info};

use crate::options::PostgresOptions;
use crate::session::CHANNEL;

/// When a waiter goes home though nothing was heard: notifications are a hint alone.
const LONGEST: Duration = Duration::from_millis(200);

/// How long to wait before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// A parameter that the listening session is begun with, to be known by.
const MARK: &str = "issuecommand.listener";

const MARKED: &str = "-- marked
     SELECT current_setting('issuecommand.listener', true)";

/// What PgBouncer answers to a parameter that it does not pass on: a breach of the protocol.
const REFUSED: &str = "08P01";

/// The task that listens, on a connection of its own.
#[derive(Debug)]
pub(crate) struct ChangeNotifier {
    listening: AbortHandle,
}

impl ChangeNotifier {
    /// Listens for other instances than the one of this name, from now on or as soon as that can be.
    pub(crate) fn start(options: &PostgresOptions, writer: Writer, name: String) -> Self {
        let connect = options.connect().clone().options([(MARK, &name)]);
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(connect);
        let listening = async move {
            loop {
                match listen(&pool, &writer, &name).await {
                    Ok(Heard::Pooler) => break,
                    Ok(Heard::End) => {}
                    Err(error) if code(&error).as_deref() == Some(REFUSED) => break,
                    Err(error) => debug!(%error, "not listening to other instances"),
                }
                tokio::time::sleep(AGAIN).await;
            }
            info!(
                name: "store.not_listening",
                "a pooler stands before the database: other instances are not listened to, the log of events is looked at"
            );
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

impl Drop for ChangeNotifier {
    fn drop(&mut self) {
        self.close();
    }
}

/// How listening ended.
enum Heard {
    /// The session is not ours alone.
    Pooler,
    /// The connection did.
    End,
}

/// Listens until the connection ends; unless a pooler lends the session to one client after the other, where a LISTEN would stay
/// behind and its notifications would come to whoever has the session next.
async fn listen(pool: &PgPool, writer: &Writer, name: &str) -> Result<Heard, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    let mark = sqlx::query_scalar::<_, Option<String>>(MARKED).persistent(false);
    if mark.fetch_one(&mut listener).await?.as_deref() != Some(name) {
        return Ok(Heard::Pooler);
    }
    listener.listen(CHANNEL).await?;
    while let Some(told) = listener.try_recv().await? {
        if told.payload() != name {
            writer.wake();
        }
    }
    Ok(Heard::End)
}

fn code(error: &sqlx::Error) -> Option<String> {
    let said = error.as_database_error()?.code()?;
    Some(said.into_owned())
}
