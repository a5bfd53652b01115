//! The connection that writes, for the batching writer.

use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{Noticed, StoreTime, Timestamp, read_clock};
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;
use issuecommand_store::{Backend, corrections, log_step, steps_as_text};
use issuecommand_store_sql::new_rows::NewRows;
use issuecommand_store_sql::{Args as _, view};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tokio::time::timeout;
use tracing::warn;

use crate::error::{commit, silent};
use crate::guard::Guard;
use crate::load::PostgresLoader;
use crate::options::PostgresOptions;
use crate::session::{Begun, CHANNEL, Session, connect};
use crate::statement::Args;
use crate::write;

const ROLLBACK: &str = "-- rollback
     ROLLBACK";

/// How long a rollback may take before its connection is given up.
const ROLLBACK_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct PostgresBackend {
    options: PostgresOptions,
    session: Session,
    /// Notifies the other instances and commits. In a failed transaction the NOTIFY is an error, where COMMIT alone would be a silent
    /// ROLLBACK.
    commit: String,
    /// `None` after the connection broke, until the next transaction.
    conn: Option<PgConnection>,
    next_repo: i64,
    now: Timestamp,
    guard: Guard,
    /// The number of writes that this process saw committed, by any instance.
    committed: i64,
}

impl PostgresBackend {
    /// Takes over the connection that ran the migrations. `name` identifies this instance in notifications.
    pub(crate) fn new(
        options: &PostgresOptions,
        opened: PgConnection,
        name: &str,
        guard: Guard,
    ) -> Self {
        Self {
            options: options.clone(),
            session: Session::new(options),
            commit: format!(
                "-- notify
                 NOTIFY {CHANNEL}, '{name}';
                 -- commit
                 COMMIT"
            ),
            conn: Some(opened),
            next_repo: 1,
            now: Timestamp::default(),
            guard,
            committed: 0,
        }
    }

    /// Tries once to begin, on the current connection or on a new one.
    async fn attempt(&mut self) -> Result<Begun, StoreError> {
        let mut conn = if let Some(conn) = self.conn.take() {
            conn
        } else {
            let mut conn = connect(&self.options).await?;
            let asked = timeout(self.session.answer, self.guard.same_server(&mut conn));
            asked.await.map_err(|_| silent())??;
            conn
        };
        let watched = self.guard.opened.server.is_some();
        let begun = timeout(self.session.answer, self.session.begin(&mut conn, watched)).await;
        let begun = match self.settle(conn, begun) {
            Err(StoreError::Corrupt(what)) => Err(self.guard.unreadable(&what)),
            begun => begun,
        };
        if begun.is_err() {
            self.rollback().await;
        }
        begun
    }

    /// Begins, and compares the database with the one that was opened.
    async fn locked(&mut self) -> Result<Begun, StoreError> {
        self.guard.fence.check()?;
        let used = self.conn.is_some();
        let begun = match self.attempt().await {
            // The connection broke while it was idle.
            Err(StoreError::Unavailable(why)) if used => {
                warn!(name: "store.reconnecting", why, "the writing connection is replaced");
                self.conn = None;
                self.attempt().await?
            }
            begun => begun?,
        };
        if let Err(error) = self.guard.same(&begun.seen, self.committed) {
            self.rollback().await;
            return Err(error);
        }
        self.next_repo = begun.next_repo;
        self.committed = begun.seen.writes;
        Ok(begun)
    }

    /// Records a step of the clock, corrects the times that it affects, and commits.
    async fn note_step(&mut self, noticed: &Noticed) -> Result<(), StoreError> {
        const NOTE: &str = "-- note_step
             UPDATE meta SET last_now = $1, clock = $2, writes = writes + 1 WHERE id = 1";
        let corrected = async {
            let mut conn = self.lend()?;
            let mut db = self.session.on(&mut conn);
            let correcting = async {
                if let Some(correction) = noticed.correction {
                    db.texts(AssertSqlSafe(corrections(correction))).await?;
                }
                let args = Args::default().number(noticed.step.to.0)?;
                let args = args.text(Some(&steps_as_text(noticed.steps)?))?;
                db.change(NOTE, args).await.map(drop)
            };
            let corrected = timeout(self.session.answer, correcting).await;
            self.settle(conn, corrected)?;
            self.commit().await
        };
        if let Err(error) = corrected.await {
            self.rollback().await;
            return Err(error);
        }
        self.now = noticed.step.to;
        log_step(noticed);
        Ok(())
    }

    /// Takes the connection out for a step. If the step is given up, the connection is dropped with it.
    fn lend(&mut self) -> Result<PgConnection, StoreError> {
        let lost = || StoreError::Unavailable("the connection was lost".to_owned());
        self.conn.take().ok_or_else(lost)
    }

    /// Puts the connection back, unless it did not answer in time.
    fn settle<T>(
        &mut self,
        conn: PgConnection,
        step: Result<Result<T, StoreError>, tokio::time::error::Elapsed>,
    ) -> Result<T, StoreError> {
        let done = step.map_err(|_| silent())?;
        self.conn = Some(conn);
        done
    }
}

#[async_trait]
impl Backend for PostgresBackend {
    async fn begin(&mut self) -> Result<StoreTime, StoreError> {
        // A clock that steps at every reading is broken.
        for _ in 0..3 {
            let begun = self.locked().await?;
            let clock = match &self.options.clock {
                Some(clock) => clock.now(),
                None => begun.now,
            };
            self.options.time_was_read(begun.now);
            match read_clock(clock, begun.seen.last, self.now, begun.seen.steps) {
                Ok(time) => {
                    self.now = time.now;
                    return Ok(time);
                }
                Err(noticed) => self.note_step(&noticed).await?,
            }
        }
        Err(StoreError::Unavailable(
            "the clock of the database does not stand still".to_owned(),
        ))
    }

    async fn load(&mut self, needs: &ReadSet) -> Result<View, StoreError> {
        let mut conn = self.lend()?;
        let mut db = self.session.on(&mut conn);
        let mut loader = PostgresLoader {
            db: &mut db,
            next_repo: self.next_repo,
        };
        let view = timeout(self.session.answer, view(&mut loader, needs)).await;
        self.settle(conn, view)
    }

    async fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError> {
        let rows = NewRows::of(&writes)?;
        let mut conn = self.lend()?;
        let mut db = self.session.on(&mut conn);
        let written = timeout(self.session.answer, write::all(&mut db, &rows, self.now)).await;
        self.settle(conn, written)
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        self.guard.fence.check()?;
        let mut conn = self.lend()?;
        let mut db = self.session.on(&mut conn);
        let text = AssertSqlSafe(self.commit.clone());
        let Ok(committed) = timeout(self.session.answer, db.try_texts(text)).await else {
            return Err(StoreError::OutcomeUnknown(silent().to_string()));
        };
        self.conn = Some(conn);
        committed.map_err(commit)?;
        self.committed += 1;
        Ok(())
    }

    async fn rollback(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        let mut db = self.session.on(&mut conn);
        match timeout(ROLLBACK_TIMEOUT, db.texts(ROLLBACK)).await {
            Ok(Ok(_)) => self.conn = Some(conn),
            // Dropping the connection ends its transaction.
            Ok(Err(error)) => {
                warn!(name: "store.reconnecting", %error, "the writing connection is replaced");
            }
            Err(_) => {
                warn!(name: "store.reconnecting", "the writing connection is replaced: it does not answer");
            }
        }
    }

    async fn close(self) {
        if let Some(conn) = self.conn
            && let Ok(Err(error)) = timeout(ROLLBACK_TIMEOUT, conn.close()).await
        {
            warn!(name: "store.closed_badly", %error, "the writing connection did not close well");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
