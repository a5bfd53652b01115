//! The connections that only read, and what becomes of one whose question broke off.

use std::future::Future;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::timeout;

use crate::error::{db, silent};
use crate::options::PostgresOptions;
use crate::session::Session;
use crate::statement::Db;

const END: &str = "-- end_reading
     COMMIT";

/// A pool; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pool: PgPool,
    session: Session,
}

impl Readers {
    pub(crate) fn new(options: &PostgresOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(options.connection_timeout())
            .connect_lazy_with(options.connect().clone());
        Self {
            pool,
            session: Session::new(options),
        }
    }

    /// Has a question asked and answered by a task of its own, so that a caller that hangs up leaves no connection in the midst
    /// of something.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        // The pool's own patience comes first.
        let most = self.session.answer + Duration::from_secs(5);
        let answer = tokio::spawn(timeout(most, question));
        match answer.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(silent()),
            Err(_) => Err(StoreError::Unavailable(
                "a question to the database broke off".to_owned(),
            )),
        }
    }

    /// Begins a short transaction, so that what is read in several statements is of one moment.
    pub(crate) async fn begin(&self) -> Result<Reading, StoreError> {
        let conn = self.pool.acquire().await.map_err(db)?;
        let mut reading = Reading {
            conn: Some(conn),
            prepares: self.session.prepares,
        };
        if let Some(conn) = &mut reading.conn {
            self.session.begin_reading(conn).await?;
        }
        Ok(reading)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A transaction that reads. Unless it is ended its connection is closed, and with it whatever it was at.
#[derive(Debug)]
pub(crate) struct Reading {
    /// `None` once it was given back.
    conn: Option<PoolConnection<Postgres>>,
    prepares: bool,
}

impl Reading {
    /// Statements in it.
    pub(crate) fn db(&mut self) -> Result<Db<'_>, StoreError> {
        let over = || StoreError::Unavailable("the transaction is over".to_owned());
        let conn = self.conn.as_mut().ok_or_else(over)?;
        Ok(Db::new(conn, self.prepares))
    }

    /// Ends it and gives the connection back.
    pub(crate) async fn end(mut self) -> Result<(), StoreError> {
        self.db()?.texts(END).await?;
        self.conn = None;
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            drop(conn.detach());
        }
    }
}
