//! Checking a database without changing it.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store::dump::Inspection;
use issuecommand_store_sql::dump::{broken_invariants, circles};
use sqlx::{AssertSqlSafe, Connection};

use crate::error::db;
use crate::open;
use crate::options::PostgresOptions;
use crate::place::{Contents, Place, lead_to};
use crate::session::connect;
use crate::statement::{Args, Db};

const BEGIN: &str = "-- check
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
     SET LOCAL statement_timeout = 0";

const FACTS: &str = "-- facts
     SELECT current_setting('server_version'), pg_database_size(current_database()), pg_is_in_recovery(),
         floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const LAST: &str = "-- last
     SELECT last_now FROM meta WHERE id = 1";

/// Checks the database.
///
/// # Errors
/// Why it could not be reached or read.
pub async fn check(options: &PostgresOptions) -> Result<Inspection, StoreError> {
    let mut conn = connect(options).await?;
    let mut asked = Db::new(&mut conn, false);
    asked.texts(BEGIN).await?;
    let facts: Vec<(String, i64, bool, i64)> = asked.read(FACTS, Args::default()).await?;
    let (version, bytes, replica, now) = facts.into_iter().next().unwrap_or_default();
    let known_schema = open::newest();
    let place = Place::find(&mut asked, options.schema.as_deref()).await?;
    place.must_be_free_or_ours()?;
    let found = match open::found(&mut asked, &place).await {
        Err(StoreError::NewerSchema { found, .. }) => found,
        found => found?,
    };
    let mut inspection = Inspection {
        software: format!("PostgreSQL {version}"),
        schema: found,
        known_schema,
        bytes: bytes.unsigned_abs(),
        server_time: Some(Timestamp(now)),
        ..Inspection::default()
    };
    if replica {
        inspection.faults.push(
            "this is a replica: DATABASE_URL must lead to the server that is written to".to_owned(),
        );
    }
    // The statements only fit the current schema.
    if found == known_schema {
        inspection.broken = broken_invariants(&mut asked).await?;
        inspection.circles = circles(&mut asked).await?;
        let last: Vec<(i64,)> = asked.read(LAST, Args::default()).await?;
        inspection.last_written = last.first().map(|(last,)| Timestamp(*last));
    }
    asked.texts("ROLLBACK").await?;
    // A replica refuses writes; that it is one is reported already.
    if !replica && found <= known_schema {
        inspection.unwritable = try_to_write(&mut asked, &place, found).await.err();
    }
    // A failed transaction may be open, and ends with the connection.
    let _ = conn.close().await;
    Ok(inspection)
}

const TRY: &str = "-- try_to_write
     BEGIN;
     SELECT set_config('lock_timeout', '5000', true), set_config('statement_timeout', '10000', true)";

/// Updates a row to its own values.
const CHANGE: &str = "-- change
     UPDATE meta SET last_now = last_now WHERE id = 1";

/// A start creates tables where there are none or older ones.
const MAKE: &str = "-- make
     CREATE TABLE issuecommand_doctor (tried bigint)";

/// Tries what the next start and its first write do, and rolls it back, because the session may be read-only or the role may lack a
/// privilege.
async fn try_to_write(asked: &mut Db<'_>, place: &Place, found: i64) -> Result<(), StoreError> {
    asked.texts(TRY).await?;
    if !place.exists {
        open::make(asked, &place.schema).await?;
    }
    asked.texts(AssertSqlSafe(lead_to(&place.schema))).await?;
    if found > 0 {
        asked.texts(CHANGE).await?;
    }
    if found < open::newest() {
        asked.texts(MAKE).await?;
    }
    asked.texts("ROLLBACK").await.map(drop)
}

/// Whether the database has our tables. Creates none.
///
/// # Errors
/// Why it could not be reached or read.
pub async fn is_there(options: &PostgresOptions) -> Result<bool, StoreError> {
    let mut conn = connect(options).await?;
    let place = Place::find(&mut Db::new(&mut conn, false), options.schema.as_deref()).await?;
    conn.close().await.map_err(db)?;
    place.must_be_free_or_ours()?;
    Ok(place.contents == Contents::IssueCommand)
}
