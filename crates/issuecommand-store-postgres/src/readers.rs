//! The pool of reading connections. A connection whose question was interrupted is closed.

use std::future::Future;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::timeout;

use crate::error::{db, silent};
use crate::options::PostgresOptions;
use crate::session::{self, Session};
use crate::statement::Db;

const END: &str = "-- end_reading
     COMMIT";

/// A pool; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    pool: PgPool,
    session: Session,
    options: PostgresOptions,
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
            options: options.clone(),
        }
    }

    /// Runs a question in its own task, so that a caller that hangs up does not leave a connection within a transaction.
    #[expect(
        clippy::disallowed_methods,
        reason = "an answer may come after its reader was given up"
    )]
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        // The pool's own time-out is shorter.
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

    /// Begins a short transaction, so that all statements read the same snapshot.
    pub(crate) async fn begin(&self) -> Result<Reading, StoreError> {
        let conn = match self.pool.acquire().await {
            Ok(conn) => conn,
            Err(sqlx::Error::PoolTimedOut) => return Err(self.why_timed_out().await),
            Err(error) => return Err(db(error)),
        };
        let mut reading = Reading {
            conn: Some(conn),
            prepares: self.session.prepares,
        };
        if let Some(conn) = &mut reading.conn {
            self.session.begin_reading(conn).await?;
        }
        Ok(reading)
    }

    /// The pool reports the same error for a server that it cannot reach and for connections that are all in use. A connection of its
    /// own tells which it is.
    async fn why_timed_out(&self) -> StoreError {
        match timeout(Duration::from_secs(1), session::connect(&self.options)).await {
            Ok(Ok(_)) => StoreError::Busy("all reading connections are in use".to_owned()),
            Ok(Err(error)) => error,
            Err(_) => StoreError::Unavailable("the server does not answer".to_owned()),
        }
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// A reading transaction. If it is dropped without [`Reading::end`], its connection is closed.
#[derive(Debug)]
pub(crate) struct Reading {
    /// `None` once it was returned to the pool.
    conn: Option<PoolConnection<Postgres>>,
    prepares: bool,
}

impl Reading {
    /// The connection, for statements of this transaction.
    pub(crate) fn db(&mut self) -> Result<Db<'_>, StoreError> {
        let over = || StoreError::Unavailable("the transaction is over".to_owned());
        let conn = self.conn.as_mut().ok_or_else(over)?;
        Ok(Db::new(conn, self.prepares))
    }

    /// Ends it and returns the connection to the pool.
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
