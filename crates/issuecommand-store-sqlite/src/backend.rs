//! The connection that writes, for the batching writer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{Clock, Noticed, StoreTime, Timestamp, read_clock};
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;
use issuecommand_store::{Backend, corrections, log_step, steps_as_text};
use issuecommand_store_sql::new_rows::NewRows;
use issuecommand_store_sql::rows::decode;
use issuecommand_store_sql::{Args as _, view};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tracing::warn;

use crate::error::{commit, db};
use crate::guard::{Guard, Meta};
use crate::load::SqliteLoader;
use crate::options::{JournalMode, SqliteOptions};
use crate::statement::{Args, change, run};
use crate::write;

/// Takes the write lock and then reads `meta`. A transaction that reads before it takes the lock fails at once if another process wrote
/// meanwhile, whatever the time-out. No other code begins a writing transaction.
const BEGIN: &str = "-- begin
     BEGIN IMMEDIATE;
     -- meta
     SELECT last_now, database_id, writes, clock FROM meta";

const COMMIT: &str = "-- commit
     COMMIT";

const ROLLBACK: &str = "-- rollback
     ROLLBACK";

#[derive(Debug)]
pub(crate) struct SqliteBackend {
    connect: SqliteConnectOptions,
    /// SQLite's busy time-out of the open connection.
    lock_wait: Duration,
    /// `None` after the connection broke, until the next transaction.
    conn: Option<SqliteConnection>,
    clock: Arc<dyn Clock>,
    now: Timestamp,
    guard: Guard,
    /// The number of writes that this process saw committed, by any process.
    seen: i64,
}

impl SqliteBackend {
    /// Takes over the connection that opened the file.
    pub(crate) async fn new(
        options: &SqliteOptions,
        mut opened: SqliteConnection,
        clock: Arc<dyn Clock>,
        guard: Guard,
    ) -> Result<Self, StoreError> {
        // SQLite's busy handler sleeps longer each time and starves next to processes that poll faster, so that the writer retries by
        // itself. With a rollback journal a statement within a transaction may have to wait for readers, too.
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
            guard,
            seen: 0,
        })
    }

    /// The connection, or a new one if the last one broke.
    async fn conn(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        if self.conn.is_none() {
            let mut conn = self.connect.connect().await.map_err(db)?;
            wait_for_locks(&mut conn, self.lock_wait).await?;
            self.conn = Some(conn);
        }
        self.open()
    }

    /// Compares the database with the known one. Called under the lock, so that no other process can have begun on another file unnoticed.
    fn confirm(&mut self, meta: Meta) -> Result<Meta, StoreError> {
        self.guard.check()?;
        self.guard.same(&meta, self.seen)?;
        self.seen = meta.writes;
        Ok(meta)
    }

    /// Tries once to begin. A transaction is only open after a success.
    async fn attempt(&mut self) -> Result<Meta, StoreError> {
        self.guard.check()?;
        let begun = run(self.conn().await?, BEGIN, Args::default()).await;
        let meta = match begun {
            Ok([_, (rows, _)]) => decode(&rows)
                .and_then(Meta::of)
                .and_then(|meta| self.confirm(meta)),
            // The lock was not taken, and no transaction is open.
            Err(error @ StoreError::Busy(_)) => return Err(error),
            Err(error) => Err(self.guard.explain(error)),
        };
        match meta {
            Ok(meta) => Ok(meta),
            Err(error) => {
                let error = match error {
                    StoreError::Corrupt(what) => self.guard.unreadable(&what),
                    other => other,
                };
                self.rollback().await;
                Err(error)
            }
        }
    }

    /// Records a step of the clock, corrects the times that it affects, and commits.
    async fn note_step(&mut self, noticed: &Noticed) -> Result<(), StoreError> {
        const NOTE: &str = "-- note_step
             UPDATE meta SET last_now = ?1, clock = ?2, writes = writes + 1";
        let to = noticed.step.to;
        let corrected = async {
            let conn = self.open()?;
            if let Some(correction) = noticed.correction {
                let sql = AssertSqlSafe(corrections(correction));
                conn.execute(sqlx::raw_sql(sql)).await.map_err(db)?;
            }
            let args = Args::default()
                .number(to.0)?
                .text(Some(&steps_as_text(noticed.steps)?))?;
            change(conn, NOTE, args).await?;
            self.commit().await
        };
        if let Err(error) = corrected.await {
            self.rollback().await;
            return Err(self.guard.explain(error));
        }
        self.now = to;
        log_step(noticed);
        Ok(())
    }

    /// The connection within a transaction. It is missing only after it broke.
    fn open(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let lost = || StoreError::Unavailable("the connection was lost".to_owned());
        self.conn.as_mut().ok_or_else(lost)
    }
}

/// Whether a rollback failed because no transaction was open. SQLite has no error code for it.
fn is_over(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(inner) if inner.message().contains("no transaction is active"))
}

async fn wait_for_locks(conn: &mut SqliteConnection, wait: Duration) -> Result<(), StoreError> {
    let pragma = format!("PRAGMA busy_timeout = {}", wait.as_millis());
    conn.execute(AssertSqlSafe(pragma)).await.map_err(db)?;
    Ok(())
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn begin(&mut self) -> Result<StoreTime, StoreError> {
        // A clock that steps at every reading is broken.
        for _ in 0..3 {
            let meta = self.attempt().await?;
            match read_clock(self.clock.now(), meta.last, self.now, meta.steps) {
                Ok(time) => {
                    self.now = time.now;
                    return Ok(time);
                }
                Err(noticed) => self.note_step(&noticed).await?,
            }
        }
        Err(StoreError::Unavailable(
            "the clock of this machine does not stand still".to_owned(),
        ))
    }

    async fn load(&mut self, needs: &ReadSet) -> Result<View, StoreError> {
        let loaded = view(&mut SqliteLoader(self.open()?), needs).await;
        loaded.map_err(|error| self.guard.explain(error))
    }

    async fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError> {
        let now = self.now;
        let rows = NewRows::of(&writes)?;
        let written = write::all(self.open()?, &rows, now).await;
        written.map_err(|error| self.guard.explain(error))
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        self.guard.check()?;
        let query = sqlx::query(COMMIT).execute(self.open()?);
        query.await.map_err(commit)?;
        self.seen += 1;
        // A commit to a file that was replaced meanwhile must not be acknowledged: another process may give the same issue to another
        // agent on the file that is there now.
        self.guard.check()
    }

    async fn rollback(&mut self) {
        if self.guard.fence.is_closed() {
            // There may be nothing to roll back, and no other transaction follows.
            self.conn = None;
        }
        let Some(conn) = &mut self.conn else { return };
        if let Err(error) = sqlx::query(ROLLBACK).execute(conn).await {
            // SQLite ends some transactions by itself, for example on a full disk, and some did not begin.
            if is_over(&error) {
                return;
            }
            // Closing a broken connection ends its transaction; the next `begin` opens another one.
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
