//! Import into an empty database, all of it or nothing.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store::dump::{Counts, RowSource, TABLES};
use issuecommand_store_sql::dump;
use issuecommand_store_sql::schema::must_be_current;
use issuecommand_store_sql::{Args as _, DumpDatabase, ImportTarget};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{Dump, columns, settle};
use crate::error::db;
use crate::open;
use crate::options::SqliteOptions;
use crate::statement::{Args, change};

/// Imports rows into the database, which is created if it does not exist, and checks the invariants. `schema` is that of the rows.
///
/// # Errors
/// A database that is not empty, or has another schema; rows that it does not take, or that break an invariant; whatever `take`
/// says. Then nothing is in it.
pub async fn import(
    options: &SqliteOptions,
    now: Timestamp,
    schema: i64,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    must_be_current(schema, open::newest())?;
    let (mut conn, opened) = open::open(options, now).await?;
    change(&mut conn, "BEGIN IMMEDIATE", Args::default()).await?;
    let mut target = Target {
        conn: &mut conn,
        id: &opened.id,
    };
    let filled = dump::import(&mut target, take).await;
    let filled = settle(&mut conn, filled).await;
    let closed = conn.close().await.map_err(db);
    let counts = filled?;
    closed?;
    Ok(counts)
}

struct Target<'c> {
    conn: &'c mut SqliteConnection,
    /// The random id of this database.
    id: &'c str,
}

#[async_trait]
impl DumpDatabase for Target<'_> {
    async fn number(&mut self, sql: &str) -> Result<i64, StoreError> {
        Dump(self.conn).number(sql).await
    }
}

#[async_trait]
impl ImportTarget for Target<'_> {
    async fn put(&mut self, table: &'static str, rows: &[String]) -> Result<u64, StoreError> {
        const DROP_META: &str = "-- drop_meta
             DELETE FROM meta";
        // The next event gets a number after all earlier ones, even if the latest was trimmed.
        const LAST: &str = "-- last_event
             INSERT INTO sqlite_sequence (name, seq)
             SELECT 'event', coalesce(value->>'$.last_event', 0) FROM json_each(?1)";
        let list = format!("[{}]", rows.join(","));
        if table == TABLES[0] {
            change(self.conn, DROP_META, Args::default()).await?;
            change(self.conn, LAST, Args::default().text(Some(&list))?).await?;
        }
        let columns = columns(self.conn, table).await?;
        let values = columns.iter().map(|name| format!("value->>'$.{name}'"));
        let sql = format!(
            "-- import\nINSERT INTO {table} ({}) SELECT {} FROM json_each(?1)",
            columns.join(", "),
            values.collect::<Vec<_>>().join(", ")
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(list);
        let done = self.conn.execute(query).await.map_err(db)?;
        Ok(done.rows_affected())
    }

    async fn finish(&mut self) -> Result<(), StoreError> {
        // Nobody holds a lease on this database yet: its former holder would be waited for in vain.
        const FREE_LEASES: &str = "-- free_leases
             UPDATE lease SET until = 0";
        // The rows are another database's. This one keeps its own id, because both may be opened from now on.
        const KEEP_ID: &str = "-- keep_id
             UPDATE meta SET database_id = ?1";
        change(self.conn, FREE_LEASES, Args::default()).await?;
        let id = Args::default().text(Some(self.id))?;
        change(self.conn, KEEP_ID, id).await.map(drop)
    }
}
