//! Noticing writes: this process's own at once, another's by NOTIFY.

use std::time::Duration;

use issuecommand_store::Writer;
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};
use tokio::task::AbortHandle;
use tracing::{debug, info};

use crate::options::PostgresOptions;
use crate::session::CHANNEL;

/// A waiter returns after this time without a notification: notifications are only a hint.
const LONGEST: Duration = Duration::from_millis(200);

/// The pause before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// A session parameter that identifies the listening session.
const MARK: &str = "issuecommand.listener";

const MARKED: &str = "-- marked
     SELECT current_setting('issuecommand.listener', true)";

/// PgBouncer's error code for a parameter that it does not pass on (protocol violation).
const REFUSED: &str = "08P01";

/// The listening task, on its own connection.
#[derive(Debug)]
pub(crate) struct ChangeNotifier {
    listening: AbortHandle,
}

impl ChangeNotifier {
    /// Starts to listen for instances other than `name`, and retries until it can.
    #[expect(
        clippy::disallowed_methods,
        reason = "the listener, aborted with its handle"
    )]
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
                    Ok(ListenEnd::Pooler) => break,
                    Ok(ListenEnd::End) => {}
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

    /// Returns when something was written, or after [`LONGEST`].
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
enum ListenEnd {
    /// A pooler shares the session with other clients.
    Pooler,
    /// The connection was lost.
    End,
}

/// Listens until the connection ends. Does not listen on a session that a pooler shares: the LISTEN would stay on it, and the next
/// client would get the notifications.
async fn listen(pool: &PgPool, writer: &Writer, name: &str) -> Result<ListenEnd, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    let mark = sqlx::query_scalar::<_, Option<String>>(MARKED).persistent(false);
    if mark.fetch_one(&mut listener).await?.as_deref() != Some(name) {
        return Ok(ListenEnd::Pooler);
    }
    listener.listen(CHANNEL).await?;
    while let Some(told) = listener.try_recv().await? {
        if told.payload() != name {
            writer.wake();
        }
    }
    Ok(ListenEnd::End)
}

fn code(error: &sqlx::Error) -> Option<String> {
    let said = error.as_database_error()?.code()?;
    Some(said.into_owned())
}
