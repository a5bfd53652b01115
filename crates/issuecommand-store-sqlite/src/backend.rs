//! The one connection that writes, as the batching writer drives it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::change::Writes;
use issuecommand_core::failure::StoreError;
use issuecommand_core::needs::Needs;
use issuecommand_core::time::{Clock, Timestamp};
use issuecommand_core::view::View;
use issuecommand_store::Backend;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tracing::warn;

use crate::bulk::{Args, read, run};
use crate::error::{commit, db};
use crate::options::{JournalMode, SqliteOptions};
use crate::{load, write};

/// Takes the write lock and reads the latest moment that was written under it. A transaction that reads before it takes the
/// lock fails at once when another wrote meanwhile, whatever the time-out; this is the only place where one begins.
const BEGIN: &str = "-- begin
     BEGIN IMMEDIATE;
     -- last_now
     SELECT last_now FROM meta";

const COMMIT: &str = "-- commit
     COMMIT";

const ROLLBACK: &str = "-- rollback
     ROLLBACK";

#[derive(Debug)]
pub(crate) struct SqliteBackend {
    connect: SqliteConnectOptions,
    /// How long SQLite itself waits for a lock, once the connection stands.
    lock_wait: Duration,
    /// `None` after the connection broke, until the next transaction.
    conn: Option<SqliteConnection>,
    clock: Arc<dyn Clock>,
    now: Timestamp,
}

impl SqliteBackend {
    /// Takes over the connection that opened the file.
    pub(crate) async fn new(
        options: &SqliteOptions,
        mut opened: SqliteConnection,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        // SQLite's own waiting sleeps longer each time and starves beside those who come often, so the writer asks again by
        // itself. With a rollback journal a statement may have to wait for readers in the midst of a transaction, too.
        let lock_wait = match options.journal_mode {
            JournalMode::Wal => Duration::ZERO,
            JournalMode::Delete | JournalMode::Truncate | JournalMode::Persist => {
                options.busy_timeout
            }
        };
        wait_for_locks(&mut opened, lock_wait).await?;
        Ok(Self {
            connect: options.writer(),
            lock_wait,
            conn: Some(opened),
            clock,
            now: Timestamp::default(),
        })
    }

    /// The connection, a new one if the last one broke.
    async fn conn(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if self.conn.is_none() {
            let mut conn = self.connect.connect().await.map_err(db)?;
            wait_for_locks(&mut conn, self.lock_wait).await?;
            self.conn = Some(conn);
        }
        self.open()
    }

    /// The connection inside of a transaction, where it is there unless it broke.
    fn open(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let lost = || StoreError::Unavailable("the connection was lost".to_owned());
        self.conn.as_mut().ok_or_else(lost)
    }
}

async fn wait_for_locks(conn: &mut SqliteConnection, wait: Duration) -> Result<(), StoreError> {
    let pragma = format!("PRAGMA busy_timeout = {}", wait.as_millis());
    conn.execute(AssertSqlSafe(pragma)).await.map_err(db)?;
    Ok(())
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn begin(&mut self) -> Result<Timestamp, StoreError> {
        let begun = run(self.conn().await?, BEGIN, Args::default()).await;
        let last = match begun {
            Ok([_, (rows, _)]) => read::<(i64,)>(&rows),
            // The lock was not got, and no transaction is open.
            Err(error @ StoreError::Busy(_)) => return Err(error),
            Err(error) => Err(error),
        };
        match last {
            Ok(rows) => {
                let last = Timestamp(rows.first().map_or(0, |(last,)| *last));
                self.now = self.clock.now().max(last).max(self.now);
                Ok(self.now)
            }
            Err(error) => {
                self.rollback().await;
                Err(error)
            }
        }
    }

    async fn load(&mut self, needs: &Needs) -> Result<View, StoreError> {
        load::view(self.open()?, needs).await
    }

    async fn write(&mut self, writes: Writes) -> Result<(), StoreError> {
        let now = self.now;
        write::all(self.open()?, writes, now).await
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let query = sqlx::query(COMMIT).execute(self.open()?);
        query.await.map(drop).map_err(commit)
    }

    async fn rollback(&mut self) {
        let Some(conn) = &mut self.conn else { return };
        if let Err(error) = sqlx::query(ROLLBACK).execute(conn).await {
            // SQLite ends some transactions by itself, and a broken connection cannot end any: either way another
            // connection begins anew, and closing this one ends whatever it has.
            warn!(name: "store.reconnecting", %error, "the writing connection is replaced");
            self.conn = None;
        }
    }

    async fn close(self) {
        if let Some(conn) = self.conn
            && let Err(error) = conn.close().await
        {
            warn!(name: "store.closed_badly", %error, "the writing connection did not close well");
        }
    }
}
