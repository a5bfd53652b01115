//! The address of the database and the limits of its connections.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{Clock, Timestamp};
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

/// How to connect to the database.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The maximum number of reading connections, at least 1. One that writes and one that listens are added.
    pub readers: u32,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// How long to wait for other writers.
    pub lock_timeout: Duration,
    /// The schema of our tables, which is created if it does not exist; `None` for the one of the search path that has them, or its
    /// first.
    pub schema: Option<String>,
    /// The clock; `None` for the database's, the only one that several machines share. Tests set their own.
    pub clock: Option<Arc<dyn Clock>>,
    /// Called with the database's time whenever it is read: at the opening, and in each writing transaction.
    pub on_time: Option<Arc<dyn Fn(Timestamp) + Send + Sync>>,
    connect: PgConnectOptions,
    prepares: bool,
}

impl PostgresOptions {
    /// The defaults, for this database: `postgres://user:password@host:port/name?parameters`.
    ///
    /// With the parameter `statement-cache-capacity=0` no statement is prepared by name, as a PgBouncer in transaction mode without
    /// support for prepared statements needs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] for an invalid address. The error does not repeat the text, which may hold a password.
    pub fn new(url: &str) -> Result<Self, StoreError> {
        let connect = PgConnectOptions::from_str(url).map_err(|error| {
            StoreError::Unavailable(format!("the address of the database is wrong: {error}"))
        })?;
        // PgBouncer accepts the first of these and refuses others, unless it is configured to ignore them.
        let connect = connect
            .application_name("issuecommand")
            .extra_float_digits(None)
            .disable_statement_logging();
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        Ok(Self {
            readers: 8,
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(5),
            schema: None,
            clock: None,
            on_time: None,
            connect,
            prepares: parameters
                .split('&')
                .all(|parameter| parameter != "statement-cache-capacity=0"),
        })
    }

    /// Passes on the database's time, which was read just now.
    pub(crate) fn time_was_read(&self, now: Timestamp) {
        if let Some(on_time) = &self.on_time {
            on_time(now);
        }
    }

    pub(crate) fn connect(&self) -> &PgConnectOptions {
        &self.connect
    }

    /// Server and database for people, without user and password.
    pub fn place(&self) -> String {
        let at = match self.connect.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => self.connect.get_host().to_owned(),
        };
        let name = self.connect.get_database().unwrap_or_default();
        format!("PostgreSQL {at}:{} {name}", self.connect.get_port())
    }

    /// Whether statements stay prepared on their connection.
    pub(crate) fn prepares(&self) -> bool {
        self.prepares
    }

    /// How long to wait for a connection. A handshake may take long on a busy machine, however short the lock time-out is.
    pub(crate) fn connection_timeout(&self) -> Duration {
        self.lock_timeout.max(Duration::from_secs(5))
    }

    /// How long to wait for an answer before the connection is given up. The server's own time limits are shorter, so that this one
    /// only ends a call when the server or the network is gone.
    pub(crate) fn answer_timeout(&self) -> Duration {
        self.statement_timeout.max(self.lock_timeout) + Duration::from_secs(5)
    }
}

/// Without the address, which may hold a password.
impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("readers", &self.readers)
            .field("statement_timeout", &self.statement_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("schema", &self.schema)
            .field("prepares", &self.prepares)
            .finish_non_exhaustive()
    }
}
