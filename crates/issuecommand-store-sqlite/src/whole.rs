//! The database as a whole: read out row by row, filled from rows, copied while it is in use, and looked through.

mod backup;
mod fill;
mod inspect;
mod read_out;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::whole::{ID, INVARIANTS};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Executor, FromRow};

pub use self::backup::backup;
pub use self::fill::fill;
pub use self::inspect::{Found, inspect, is_there};
pub use self::read_out::read_out;
use crate::bulk::{Args, read, rows};
use crate::error::db;

/// The newest schema that this version knows: that of everything it reads out.
pub fn schema() -> i64 {
    crate::open::newest()
}

/// The columns of a table that are copied.
async fn columns(conn: &mut SqliteConnection, table: &str) -> Result<Vec<String>, StoreError> {
    const COLUMNS: &str = "-- columns
         SELECT name FROM pragma_table_info(?1) ORDER BY cid";
    let args = Args::default().with(table.to_owned())?;
    let found: Vec<(String,)> = read(&rows(conn, COLUMNS, args).await?)?;
    let names = found.into_iter().map(|(name,)| name);
    Ok(names.filter(|name| name != ID).collect())
}

/// Asks a statement that is put together from names of our own schema.
async fn ask<T>(conn: &mut SqliteConnection, sql: String) -> Result<Vec<T>, StoreError>
where
    T: for<'r> FromRow<'r, SqliteRow>,
{
    read(&conn.fetch_all(AssertSqlSafe(sql)).await.map_err(db)?)
}

/// The invariants that do not hold.
pub(crate) async fn broken(
    conn: &mut SqliteConnection,
) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let mut broken = Vec::new();
    for (what, sql) in INVARIANTS {
        let found: Vec<(i64,)> = read(&rows(conn, sql, Args::default()).await?)?;
        let times = found.first().map_or(0, |(times,)| times.unsigned_abs());
        if times > 0 {
            broken.push((what, times));
        }
    }
    Ok(broken)
}

/// Ends a transaction, with its work where that went well.
async fn settle<T>(
    conn: &mut SqliteConnection,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = rows(conn, end, Args::default()).await;
    let done = done?;
    ended?;
    Ok(done)
}
