//! How connections and transactions begin. Each transaction sets its own limits, because the next may run on another session.

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

/// The channel on which instances notify each other of writes.
pub(crate) const CHANNEL: &str = "issuecommand";

/// Forces index scans and nested loops, because a plan that was made while a table was small is kept after it has grown. Each row of a
/// given list finds its rows by an index.
const PLANNING: &str = "set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), \
     set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), \
     set_config('jit', 'off', true)";

/// The statements that begin transactions, including their limits.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    write: String,
    /// The same, followed by [`SERVER`].
    write_watched: String,
    read: String,
    /// How many of their statements come before the lock.
    settings: usize,
    /// Whether statements stay prepared.
    pub(crate) prepares: bool,
    /// See [`PostgresOptions::answer_timeout`].
    pub(crate) answer: Duration,
}

/// The state at the beginning of a writing transaction.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// The identity of the database and the time of its last write.
    pub(crate) seen: Seen,
    /// The database's time.
    pub(crate) now: Timestamp,
    /// The id that the next new repository gets.
    pub(crate) next_repo: i64,
}

impl Session {
    pub(crate) fn new(options: &PostgresOptions) -> Self {
        let statement = millis(options.statement_timeout);
        let lock = millis(options.lock_timeout);
        // Shorter than the lock time-out, so that waiters outlive a writer that was stopped within a transaction.
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
        // The time is read by a separate statement, which begins after the lock was taken.
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

    /// A handle for statements on this connection.
    pub(crate) fn on<'c>(&self, conn: &'c mut PgConnection) -> Db<'c> {
        Db::new(conn, self.prepares)
    }

    /// Begins a transaction and takes the lock that all writers take first. With `watched` it also reads [`SERVER`].
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

    /// Begins a transaction in which all statements read the same snapshot.
    pub(crate) async fn begin_reading(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        let begun = self.on(conn).texts(AssertSqlSafe(self.read.clone())).await;
        begun.map(drop)
    }
}

/// A limit in PostgreSQL's unit. 0 would mean no limit, so that the least is 1.
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
