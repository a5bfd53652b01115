//! A database as a whole: the invariants that do not hold, and filling an empty one.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::{Counts, DumpRow, INVARIANTS, RowSource, TABLES, must_hold};

use crate::error::unreadable;

/// At most this many rows, or about this many bytes of them, are written by one statement.
const ROWS: usize = 500;
const BYTES: usize = 4 << 20;

/// A connection that counts.
#[async_trait]
pub trait DumpDatabase: Send {
    /// The one number that a statement answers with; 0 without a row. The text is our own, with no value of a caller in it.
    async fn number(&mut self, sql: &str) -> Result<i64, StoreError>;
}

/// A connection to an empty database, within a transaction.
#[async_trait]
pub trait ImportTarget: DumpDatabase {
    /// Writes rows of a table, each a JSON object, and returns how many. Of `meta` there is one row already, which is replaced.
    async fn put(&mut self, table: &'static str, rows: &[String]) -> Result<u64, StoreError>;

    /// What is left to do once all rows are there.
    async fn finish(&mut self) -> Result<(), StoreError>;
}

/// The invariants that do not hold, with the number of times.
///
/// # Errors
/// Whatever the database says.
pub async fn broken_invariants(
    database: &mut impl DumpDatabase,
) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let mut broken = Vec::new();
    for (what, sql) in INVARIANTS {
        let times = database.number(sql).await?.unsigned_abs();
        if times > 0 {
            broken.push((what, times));
        }
    }
    Ok(broken)
}

/// How many circles of dependencies are known.
///
/// # Errors
/// Whatever the database says.
pub async fn circles(database: &mut impl DumpDatabase) -> Result<u64, StoreError> {
    const CIRCLES: &str = "-- circles\n     SELECT count(*) FROM dependency_cycle";
    Ok(database.number(CIRCLES).await?.unsigned_abs())
}

/// Fills an empty database, counts what arrived and checks the invariants. The caller takes all of it back after an error.
///
/// # Errors
/// A database that is not empty; rows that it does not take, or that break an invariant; whatever `take` says.
pub async fn import(
    database: &mut impl ImportTarget,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    for table in &TABLES[1..] {
        if count(database, table).await? > 0 {
            return Err(StoreError::Unavailable(format!(
                "the database holds something already (its table {table} is not empty); only an empty one can take all of another \
                 in"
            )));
        }
    }
    let mut counts = Counts::new();
    let mut batch: Vec<String> = Vec::new();
    let (mut of, mut bytes) = (TABLES[0], 0);
    while let Some(DumpRow { table, json }) = take()? {
        if table != of || batch.len() >= ROWS || bytes >= BYTES {
            put(database, of, &batch, &mut counts).await?;
            (of, bytes) = (table, 0);
            batch.clear();
        }
        bytes += json.len();
        batch.push(json);
    }
    put(database, of, &batch, &mut counts).await?;
    for (table, taken) in &counts {
        let there = count(database, table).await?;
        if there != *taken {
            return Err(unreadable(format!(
                "{there} of {taken} rows of {table} arrived"
            )));
        }
    }
    if counts.get(TABLES[0]) != Some(&1) {
        return Err(unreadable(
            "there is no row of the table meta, or more than one",
        ));
    }
    database.finish().await?;
    must_hold(&broken_invariants(database).await?)?;
    Ok(counts)
}

async fn count(database: &mut impl DumpDatabase, table: &str) -> Result<u64, StoreError> {
    let sql = format!("-- count\nSELECT count(*) FROM {table}");
    Ok(database.number(&sql).await?.unsigned_abs())
}

async fn put(
    database: &mut impl ImportTarget,
    table: &'static str,
    rows: &[String],
    counts: &mut Counts,
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        *counts.entry(table).or_default() += database.put(table, rows).await?;
    }
    Ok(())
}
