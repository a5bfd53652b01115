//! Filling an empty database, all of it or nothing.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store::whole::{Counts, Row, RowSource, TABLES, must_hold};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{ask, broken, columns, settle};
use crate::bulk::{Args, change, rows};
use crate::error::{db, unreadable};
use crate::open;
use crate::options::SqliteOptions;

/// So many rows, or so many bytes of them, are written at once.
const ROWS: usize = 500;
const BYTES: usize = 4 << 20;

/// Fills the database, which is made where there is none, and looks whether everything is as it must be. `schema` is that of
/// the rows.
///
/// # Errors
/// A database that holds something, or has another schema; rows that it does not take, or that break what must be true; whatever
/// `take` says. Then nothing is in it.
pub async fn fill(
    options: &SqliteOptions,
    now: Timestamp,
    schema: i64,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    open::must_be_known(schema)?;
    let (mut conn, opened) = open::open(options, now).await?;
    rows(&mut conn, "BEGIN IMMEDIATE", Args::default()).await?;
    let filled = all(&mut conn, &opened.id, take).await;
    let filled = settle(&mut conn, filled).await;
    let closed = conn.close().await.map_err(db);
    let counts = filled?;
    closed?;
    Ok(counts)
}

async fn all(
    conn: &mut SqliteConnection,
    id: &str,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    const FREE_LEASES: &str = "-- free_leases
         UPDATE lease SET until = 0";
    const KEEP_ID: &str = "-- keep_id
         UPDATE meta SET database_id = ?1";
    for table in &TABLES[1..] {
        let sql = format!("-- is_empty\nSELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)");
        let found: Vec<(i64,)> = ask(conn, sql).await?;
        if found != [(0,)] {
            return Err(StoreError::Unavailable(format!(
                "the database holds something already (its table {table} is not empty); only an empty one can take all of another \
                 in"
            )));
        }
    }
    change(conn, "-- drop_meta\nDELETE FROM meta", Args::default()).await?;
    let mut counts = Counts::new();
    let mut batch: Vec<String> = Vec::new();
    let (mut of, mut bytes) = (TABLES[0], 0);
    while let Some(Row { table, json }) = take()? {
        if table != of || batch.len() >= ROWS || bytes >= BYTES {
            put(conn, of, &batch, &mut counts).await?;
            (of, bytes) = (table, 0);
            batch.clear();
        }
        bytes += json.len();
        batch.push(json);
    }
    put(conn, of, &batch, &mut counts).await?;
    for (table, taken) in &counts {
        let sql = format!("-- count\nSELECT count(*) FROM {table}");
        let there: Vec<(i64,)> = ask(conn, sql).await?;
        if there.first().map(|(rows,)| rows.unsigned_abs()) != Some(*taken) {
            return Err(unreadable(format!(
                "{there:?} of {taken} rows of {table} arrived"
            )));
        }
    }
    if counts.get("meta") != Some(&1) {
        return Err(unreadable(
            "there is no row of the table meta, or more than one",
        ));
    }
    // Nobody holds a lease on this database yet: the former holder would be waited for in vain.
    change(conn, FREE_LEASES, Args::default()).await?;
    // The rows are another database's; this one stays itself, since both may be opened from now on.
    change(conn, KEEP_ID, Args::default().with(id.to_owned())?).await?;
    must_hold(&broken(conn).await?)?;
    Ok(counts)
}

async fn put(
    conn: &mut SqliteConnection,
    table: &'static str,
    batch: &[String],
    counts: &mut Counts,
) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let columns = columns(conn, table).await?;
    let values: Vec<String> = columns
        .iter()
        .map(|name| format!("value->>'$.{name}'"))
        .collect();
    let sql = format!(
        "-- fill\nINSERT INTO {table} ({}) SELECT {} FROM json_each(?1)",
        columns.join(", "),
        values.join(", ")
    );
    let list = format!("[{}]", batch.join(","));
    let query = sqlx::query(AssertSqlSafe(sql)).bind(&list);
    let done = conn.execute(query).await.map_err(db)?;
    if table == "meta" {
        // The next event must come after all that ever were, also where the latest is not kept.
        const LAST: &str = "-- last_event
             INSERT INTO sqlite_sequence (name, seq) SELECT 'event', coalesce(value->>'$.last_event', 0) FROM json_each(?1)";
        change(conn, LAST, Args::default().with(list)?).await?;
    }
    *counts.entry(table).or_default() += done.rows_affected();
    Ok(())
}
