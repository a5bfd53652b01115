//! Notices that the database behind the address is no longer the one that was opened: another server, a restored one, another database
//! of the same name, or an earlier state of the same. From then on every call is refused.
//!
//! Every writing transaction checks this at its beginning, so that every instance checks at least as often as it tries to take the lease
//! for background work.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{ClockSteps, Timestamp};
use issuecommand_store::{Fence, steps_of_text};
use issuecommand_store_sql::rows::decode;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tracing::{error, warn};

use crate::error::unreadable;
use crate::place::lead_to;
use crate::statement::{Args, Db};

/// The text for callers. It names no server, because callers need not know it.
const TOLD: &str = "The database of this service was restored or replaced while it was in use. This process writes nothing \
     more and ends, so that it is started anew on the database that is there now. What you asked for does not count. To \
     call this process again does not help: tell your user if it does not come back, and look at get_my_work first.";

/// Identifies the server and its history. initdb makes the system identifier; a new timeline begins whenever a restored server or a
/// replica begins to write. The timeline is part of the name of the current WAL file, where it is up to date at once;
/// `pg_control_checkpoint()` has it only after the next checkpoint.
pub(crate) const SERVER: &str = "-- server
     SELECT system_identifier::text || '/' || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
     FROM pg_catalog.pg_control_system()";

const META: &str = "-- identity
     SELECT last_now, database_id, tableoid::bigint, writes, clock FROM meta WHERE id = 1";

pub(crate) const NOW: &str = "-- now
     SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// A row of [`META`].
type MetaRow = (i64, String, i64, i64, Option<String>);

/// The state of a database at the beginning of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The time of the last write.
    pub(crate) last: Timestamp,
    /// The number of writes so far.
    pub(crate) writes: i64,
    /// The recorded steps of the clock.
    pub(crate) steps: ClockSteps,
    /// The random id in it. A dump has the same.
    pub(crate) id: String,
    /// The OID of the table `meta`. A restore creates the table anew with another one.
    pub(crate) table: i64,
    /// See [`SERVER`]; `None` where the role may not read it.
    pub(crate) server: Option<String>,
}

impl Seen {
    /// From the rows of a statement like [`META`].
    pub(crate) fn of_meta(rows: Vec<MetaRow>) -> Result<Self, StoreError> {
        let (last, id, table, writes, clock) = rows
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("the table meta is empty"))?;
        Ok(Self {
            last: Timestamp(last),
            writes,
            steps: steps_of_text(clock.as_deref())?,
            id,
            table,
            server: None,
        })
    }
}

/// Checked before every use of an open database.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(crate) fence: Fence,
    pub(crate) opened: Seen,
}

impl Guard {
    /// Remembers the database of this connection, and returns its time.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(crate) async fn on(
        conn: &mut PgConnection,
        schema: &str,
    ) -> Result<(Self, Timestamp), StoreError> {
        let mut db = Db::new(conn, false);
        let asked = format!(
            "BEGIN READ ONLY;\n{};\n{META};\n{NOW};\nCOMMIT",
            lead_to(schema)
        );
        let sets = db.texts(AssertSqlSafe(asked)).await?;
        let [_, _, meta, now, _] = &sets[..] else {
            return Err(unreadable("the table meta was read in an unknown way"));
        };
        let mut opened = Seen::of_meta(decode(meta)?)?;
        let now: Vec<(i64,)> = decode(now)?;
        let now = Timestamp(now.first().map_or(0, |(now,)| *now));
        opened.server = match server(&mut db).await {
            Ok(server) => Some(server),
            Err(why) => {
                warn!(
                    name: "store.unwatched", %why,
                    "this role may not ask which server it is (pg_control_system, pg_walfile_name): a server that is restored or \
                     replaced under a running instance is noticed by the id and the time in the database alone"
                );
                None
            }
        };
        let guard = Self {
            fence: Fence::default(),
            opened,
        };
        Ok((guard, now))
    }

    /// Checks that a new connection leads to the same server, before its first other use.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] for another server; whatever the database says.
    pub(crate) async fn same_server(&self, conn: &mut PgConnection) -> Result<(), StoreError> {
        self.fence.check()?;
        let Some(known) = &self.opened.server else {
            return Ok(());
        };
        let found = server(&mut Db::new(conn, false)).await?;
        if found == *known {
            return Ok(());
        }
        self.give_up(&format!("it is server {found} instead of {known}"))
    }

    /// Compares the database of a transaction with the one that was opened.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] for another database, or for fewer writes than `committed`, the number that this process saw committed.
    pub(crate) fn same(&self, found: &Seen, committed: i64) -> Result<(), StoreError> {
        self.fence.check()?;
        let known = &self.opened;
        if found.server != known.server {
            let (found, known) = (found.server.as_deref(), known.server.as_deref());
            return self.give_up(&format!("it is server {found:?} instead of {known:?}"));
        }
        if found.id != known.id {
            return self.give_up("it holds another database");
        }
        if found.table != known.table {
            return self.give_up("its tables were made anew");
        }
        if found.writes < committed {
            return self.give_up("it went back to an earlier state");
        }
        Ok(())
    }

    /// Closes the fence, because a transaction could not read `meta`.
    pub(crate) fn unreadable(&self, what: &str) -> StoreError {
        match self.give_up(&format!("it does not hold our tables any more: {what}")) {
            Err(error) => error,
            Ok(()) => StoreError::Corrupt(what.to_owned()),
        }
    }

    fn give_up(&self, what: &str) -> Result<(), StoreError> {
        if self.fence.close(TOLD) {
            error!(
                name: "store.fenced", what,
                "the database behind DATABASE_URL is no longer the one that this process opened: it writes nothing more and ends"
            );
        }
        self.fence.check()
    }
}

async fn server(db: &mut Db<'_>) -> Result<String, StoreError> {
    let found: Vec<(String,)> = db.read(SERVER, Args::default()).await?;
    let (server,) = found
        .into_iter()
        .next()
        .ok_or_else(|| unreadable("the server has no identifier"))?;
    Ok(server)
}
