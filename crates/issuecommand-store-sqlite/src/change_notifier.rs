//! Noticing writes: this process's own at once, another's by polling.

use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::Writer;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Mutex;
use tracing::warn;

use crate::error::db;
use crate::guard::Guard;
use crate::options::SqliteOptions;
use crate::statement::{Args, rows};

/// How often the database is polled while somebody waits.
const EACH: Duration = Duration::from_millis(50);

/// A waiter returns after this time without a change.
const LONGEST: Duration = Duration::from_millis(200);

/// Polls `data_version`, which changes when another connection commits, on a connection of its own.
#[derive(Debug)]
pub(crate) struct ChangeNotifier {
    poller: Mutex<Poller>,
}

#[derive(Debug)]
struct Poller {
    /// `None` once the store is closed.
    conn: Option<SqliteConnection>,
    version: i64,
    polled: Instant,
    guard: Guard,
}

impl ChangeNotifier {
    pub(crate) async fn open(options: &SqliteOptions, guard: Guard) -> Result<Self, StoreError> {
        let mut conn = options.reader().connect().await.map_err(db)?;
        let version = version(&mut conn).await?;
        let poller = Mutex::new(Poller {
            conn: Some(conn),
            version,
            polled: Instant::now(),
            guard,
        });
        Ok(Self { poller })
    }

    /// Returns when something was written, or after [`LONGEST`]. One waiter polls and wakes the others.
    pub(crate) async fn changed(&self, writer: &Writer) {
        let polling = async {
            let end = Instant::now() + LONGEST;
            while Instant::now() < end {
                tokio::time::sleep(EACH).await;
                // If the poller is locked, another waiter polls.
                if let Ok(mut poller) = self.poller.try_lock()
                    && poller.polled.elapsed() >= EACH
                    && poller.sees_change().await
                {
                    writer.wake();
                    return;
                }
            }
        };
        tokio::select! {
            () = writer.written() => {}
            () = polling => {}
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(conn) = self.poller.lock().await.conn.take() {
            use sqlx::Connection;
            // It never wrote, so that an error loses nothing.
            let _ = conn.close().await;
        }
    }
}

impl Poller {
    async fn sees_change(&mut self) -> bool {
        self.polled = Instant::now();
        let Some(conn) = &mut self.conn else {
            return false;
        };
        // The next call gets the error.
        if self.guard.check().is_err() {
            return false;
        }
        match version(conn).await {
            Ok(version) => std::mem::replace(&mut self.version, version) != version,
            Err(error) => {
                warn!(name: "store.blind", %error, "cannot see whether another process wrote");
                false
            }
        }
    }
}

async fn version(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    const VERSION: &str = "-- data_version
         PRAGMA data_version";
    let found: Vec<(i64,)> = rows(conn, VERSION, Args::default()).await?;
    Ok(found.first().map_or(0, |(version,)| *version))
}
