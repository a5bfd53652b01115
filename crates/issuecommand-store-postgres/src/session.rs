//! How connections and transactions begin: each sets its own limits, since a session may be another one next time.

use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::rows::decode;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions};
use tokio::time::timeout;

use crate::error::{unconnected, unreadable};
use crate::guard::{NOW, SERVER, Seen};
use crate::options::PostgresOptions;
use crate::place::lead_to;
use crate::statement::Db;

/// The channel on which instances tell each other that something was written.
pub(crate) const CHANNEL: &str = "issuecommand";

/// Tables are found by their indexes, whatever the planner believes of their sizes: a plan that was made while a table was
/// small is kept, and must serve when it has grown. A list that is handed in leads, each of its rows finds its own.
const PLANNING: &str = "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), \
     set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), \
     set_config('jit', 'off', true)";

/// The texts that begin transactions, with the limits in them.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    write: String,
    /// The same, asking in the end which server it is.
    write_watched: String,
    read: String,
    /// How many statements of them come before the lock.
    settings: usize,
    /// Whether statements are kept prepared.
    pub(crate) prepares: bool,
    /// See [`PostgresOptions::answer_timeout`].
    pub(crate) answer: Duration,
}

/// What is known when a writing transaction has begun.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// Which database it is, and the latest moment that anything was written.
    pub(crate) seen: Seen,
    /// The database's time.
    pub(crate) now: Timestamp,
    /// The next repository's id.
    pub(crate) next_repo: i64,
}

impl Session {
    pub(crate) fn new(options: &PostgresOptions) -> Self {
        let statement = millis(options.statement_timeout);
        let lock = millis(options.lock_timeout);
        // Whoever waits for a writer that was stopped in its tracks outlives it.
        let idle = millis((options.lock_timeout / 2).max(Duration::from_secs(1)));
        let place = options
            .schema
            .as_deref()
            .map_or_else(String::new, |schema| {
                format!("{};\n-- limits\n", lead_to(schema))
            });
        let limits = format!(
            "{place}SELECT set_config('statement_timeout', '{statement}', true), set_config('lock_timeout', '{lock}', true), \
             set_config('idle_in_transaction_session_timeout', '{idle}', true), {PLANNING}"
        );
        // The time is read by a statement of its own, which begins when the lock was got.
        let write = format!(
            "-- begin
             BEGIN ISOLATION LEVEL READ COMMITTED;
             -- limits
             {limits};
             -- lock
             SELECT last_now, database_id, tableoid::bigint, writes, clock FROM meta WHERE id = 1 FOR UPDATE;
             {NOW};
             -- next_repo
             SELECT coalesce(max(id), 0) + 1 FROM repo"
        );
        let write_watched = format!("{write};\n{SERVER}");
        let read = format!(
            "-- begin_reading
             BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
             -- limits
             {limits}"
        );
        Self {
            write,
            write_watched,
            read,
            settings: if options.schema.is_some() { 3 } else { 2 },
            prepares: options.prepares(),
            answer: options.answer_timeout(),
        }
    }

    /// Statements on this connection.
    pub(crate) fn on<'c>(&self, conn: &'c mut PgConnection) -> Db<'c> {
        Db::new(conn, self.prepares)
    }

    /// Begins a transaction and takes the lock that all writers take first. `watched` asks which server it is, too.
    pub(crate) async fn begin(
        &self,
        conn: &mut PgConnection,
        watched: bool,
    ) -> Result<Begun, StoreError> {
        let text = if watched {
            &self.write_watched
        } else {
            &self.write
        };
        let sets = self.on(conn).texts(AssertSqlSafe(text.clone())).await?;
        let (meta, now, next_repo, server) = match sets.get(self.settings..).unwrap_or_default() {
            [meta, now, next_repo] => (meta, now, next_repo, None),
            [meta, now, next_repo, server] => (meta, now, next_repo, Some(server)),
            _ => return Err(unreadable("a transaction began in an unknown way")),
        };
        let one = |rows| -> Result<i64, StoreError> {
            let found: Vec<(i64,)> = decode(rows)?;
            Ok(found.first().map_or(0, |(value,)| *value))
        };
        let mut seen = Seen::of_meta(decode(meta)?)?;
        if let Some(rows) = server {
            let found: Vec<(String,)> = decode(rows)?;
            seen.server = found.into_iter().next().map(|(server,)| server);
        }
        Ok(Begun {
            seen,
            now: Timestamp(one(now)?),
            next_repo: one(next_repo)?,
        })
    }

    /// Begins a transaction in which all statements see the same moment.
    pub(crate) async fn begin_reading(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let begun = self.on(conn).texts(AssertSqlSafe(self.read.clone())).await;
        begun.map(drop)
    }
}

/// A limit as PostgreSQL takes it, where 0 would mean none.
fn millis(limit: Duration) -> u128 {
    limit.as_millis().clamp(1, i32::MAX as u128)
}

/// Opens a connection.
pub(crate) async fn connect(options: &PostgresOptions) -> Result<PgConnection, StoreError> {
    let connecting = timeout(options.connection_timeout(), options.connect().connect());
    match connecting.await {
        Ok(connected) => connected.map_err(|error| unconnected(&options.place(), error)),
        Err(_) => Err(StoreError::Unavailable(format!(
            "DATABASE_URL leads to {}, where nothing answers in time",
            options.place()
        ))),
    }
}
