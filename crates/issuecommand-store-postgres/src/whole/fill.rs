//! Filling an empty database, all of it or nothing.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::whole::{Counts, Row, RowSource, TABLES, must_hold};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use super::broken;
use crate::bulk::{Args, Db};
use crate::error::{db, unreadable};
use crate::open;
use crate::options::PostgresOptions;
use crate::place::lead_to;

/// So many rows, or so many bytes of them, are written at once.
const ROWS: usize = 500;
const BYTES: usize = 4 << 20;

/// Whoever writes locks that row first, so that no instance is in the midst of anything.
const BEGIN: &str = "-- fill
     SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0;
     SELECT id FROM meta FOR UPDATE";

/// $1 a list of one object.
const META: &str = "-- fill_meta
     UPDATE meta SET (last_now, trimmed_claims, last_sync, priority_source, last_event, clock, writes)
         = (SELECT m.last_now, m.trimmed_claims, m.last_sync, m.priority_source, coalesce(m.last_event, 0), m.clock,
                greatest(meta.writes, m.writes)
            FROM json_populate_recordset(NULL::meta, $1::json) AS m)";

/// The next claim's number comes after all of these.
const NUMBER_ON: &str = "-- number_on
     SELECT setval(pg_get_serial_sequence('claim', 'n'), coalesce(max(n), 1), max(n) IS NOT NULL) FROM claim";

const FREE_LEASES: &str = "-- free_leases
     UPDATE lease SET until = 0";

/// Fills the database, and looks whether everything is as it must be. `schema` is that of the rows.
///
/// # Errors
/// A database that holds something, or has another schema; rows that it does not take, or that break what must be true; whatever
/// `take` says. Then nothing is in it.
pub async fn fill(
    options: &PostgresOptions,
    schema: i64,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    open::must_be_known(schema)?;
    let (mut conn, place) = open::open(options).await?;
    let mut begun = Db::new(&mut conn, false);
    begun.texts("BEGIN").await?;
    begun.texts(AssertSqlSafe(lead_to(&place))).await?;
    begun.texts(BEGIN).await?;
    let filled = all(&mut conn, take).await;
    let end = if filled.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = Db::new(&mut conn, false).texts(end).await;
    let closed = conn.close().await.map_err(db);
    let counts = filled?;
    ended?;
    closed?;
    Ok(counts)
}

async fn all(conn: &mut PgConnection, take: RowSource<'_>) -> Result<Counts, StoreError> {
    for table in &TABLES[1..] {
        if count(conn, table).await? > 0 {
            return Err(StoreError::Unavailable(format!(
                "the database holds something already (its table {table} is not empty); only an empty one can take all of another \
                 in"
            )));
        }
    }
    let mut counts = Counts::new();
    let mut batch: Vec<Value> = Vec::new();
    let (mut of, mut bytes) = (TABLES[0], 0);
    while let Some(Row { table, json }) = take()? {
        if table != of || batch.len() >= ROWS || bytes >= BYTES {
            put(conn, of, &batch, &mut counts).await?;
            (of, bytes) = (table, 0);
            batch.clear();
        }
        bytes += json.len();
        batch.push(serde_json::from_str(&json).map_err(unreadable)?);
    }
    put(conn, of, &batch, &mut counts).await?;
    for (table, taken) in &counts {
        let there = count(conn, table).await?;
        if there != *taken {
            return Err(unreadable(format!(
                "{there} of {taken} rows of {table} arrived"
            )));
        }
    }
    if counts.get("meta") != Some(&1) {
        return Err(unreadable(
            "there is no row of the table meta, or more than one",
        ));
    }
    Db::new(conn, false).texts(NUMBER_ON).await?;
    // Nobody holds a lease on this database yet: the former holder would be waited for in vain.
    Db::new(conn, false).texts(FREE_LEASES).await?;
    must_hold(&broken(&mut Db::new(conn, false)).await?)?;
    Ok(counts)
}

async fn count(conn: &mut PgConnection, table: &str) -> Result<u64, StoreError> {
    let sql = format!("-- count\nSELECT count(*) FROM {table}");
    let counted: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .persistent(false)
        .fetch_one(conn)
        .await
        .map_err(db)?;
    Ok(counted.unsigned_abs())
}

async fn put(
    conn: &mut PgConnection,
    table: &'static str,
    batch: &[Value],
    counts: &mut Counts,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let args = Args::default().rows(batch)?;
    let written = if table == TABLES[0] {
        Db::new(conn, false).change(META, args).await?
    } else {
        let sql = format!(
            "-- fill\nINSERT INTO {table} OVERRIDING SYSTEM VALUE
             SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)"
        );
        Db::new(conn, false)
            .change(AssertSqlSafe(sql), args)
            .await?
    };
    *counts.entry(table).or_default() += written;
    Ok(())
}
