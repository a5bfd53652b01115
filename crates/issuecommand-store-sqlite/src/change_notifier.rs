//! Noticing that something was written: by this process at once, by another within a moment.

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

/// How often the file is looked at while somebody waits.
const EACH: Duration = Duration::from_millis(50);

/// When a waiter goes home though nothing was seen.
const LONGEST: Duration = Duration::from_millis(200);

/// A connection kept for one question: whether another connection has committed since it was last asked.
#[derive(Debug)]
pub(crate) struct ChangeNotifier {
    eye: Mutex<Poller>,
}

#[derive(Debug)]
struct Poller {
    /// `None` once the store is closed.
    conn: Option<SqliteConnection>,
    version: i64,
    looked: Instant,
    guard: Guard,
}

impl ChangeNotifier {
    pub(crate) async fn open(options: &SqliteOptions, guard: Guard) -> Result<Self, StoreError> {
        let mut conn = options.reader().connect().await.map_err(db)?;
        let version = version(&mut conn).await?;
        let eye = Mutex::new(Poller {
            conn: Some(conn),
            version,
            looked: Instant::now(),
            guard,
        });
        Ok(Self { eye })
    }

    /// Comes back when something was written, or after a while. Of all who wait one looks, and wakes the others.
    pub(crate) async fn changed(&self, writer: &Writer) {
        let looking = async {
            let end = Instant::now() + LONGEST;
            while Instant::now() < end {
                tokio::time::sleep(EACH).await;
                // Whoever does not get the eye has somebody who looks for it.
                if let Ok(mut eye) = self.eye.try_lock()
                    && eye.looked.elapsed() >= EACH
                    && eye.sees_more().await
                {
                    writer.wake();
                    return;
                }
            }
        };
        tokio::select! {
            () = writer.written() => {}
            () = looking => {}
        }
    }

    pub(crate) async fn close(&self) {
        if let Some(conn) = self.eye.lock().await.conn.take() {
            use sqlx::Connection;
            // It only ever read.
            let _ = conn.close().await;
        }
    }
}

impl Poller {
    async fn sees_more(&mut self) -> bool {
        self.looked = Instant::now();
        let Some(conn) = &mut self.conn else {
            return false;
        };
        // Whoever asks hears of it.
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
