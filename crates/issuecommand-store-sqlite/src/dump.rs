//! The database as a whole: export, import, backup and check.

mod backup;
mod check;
mod export;
mod import;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::ID;
use issuecommand_store_sql::rows::decode;
use issuecommand_store_sql::{Args as _, DumpDatabase};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Executor};

pub use self::backup::backup;
pub use self::check::{FileState, check, is_there};
pub use self::export::export;
pub use self::import::import;
use crate::error::db;
use crate::statement::{Args, change, rows};

/// The schema version of an export: the newest that this program knows.
pub fn schema() -> i64 {
    crate::open::newest()
}

/// The exported columns of a table.
async fn columns(conn: &mut SqliteConnection, table: &str) -> Result<Vec<String>, StoreError> {
    const COLUMNS: &str = "-- columns
         SELECT name FROM pragma_table_info(?1) ORDER BY cid";
    let args = Args::default().text(Some(table))?;
    let found: Vec<(String,)> = rows(conn, COLUMNS, args).await?;
    let names = found.into_iter().map(|(name,)| name);
    Ok(names.filter(|name| name != ID).collect())
}

/// A connection for counting rows and checking invariants.
pub(crate) struct Dump<'c>(pub(crate) &'c mut SqliteConnection);

#[async_trait]
impl DumpDatabase for Dump<'_> {
    async fn number(&mut self, sql: &str) -> Result<i64, StoreError> {
        let sql = AssertSqlSafe(sql.to_owned());
        let found = self.0.fetch_all(sql).await.map_err(db)?;
        let found: Vec<(i64,)> = decode(&found)?;
        Ok(found.first().map_or(0, |(number,)| *number))
    }
}

/// Commits the transaction after a success and rolls it back after an error.
async fn settle<T>(
    conn: &mut SqliteConnection,
    done: Result<T, StoreError>,
) -> Result<T, StoreError> {
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = change(conn, end, Args::default()).await;
    let done = done?;
    ended?;
    Ok(done)
}
