//! Export: every row, from one snapshot.

use futures_util::TryStreamExt;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::{DumpRow, RowSink, TABLES};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row as _};

use super::check::unopened;
use super::columns;
use crate::error::{db, unreadable};
use crate::open;
use crate::options::SqliteOptions;
use crate::statement::{Args, change};

/// Exports every row in the order of the tables. Other transactions may write meanwhile.
///
/// # Errors
/// A database that is not there, not ours, or of another schema than this version's; whatever `put` says.
pub async fn export(options: &SqliteOptions, put: RowSink<'_>) -> Result<(), StoreError> {
    let unopened = |error| unopened(&options.path, error);
    open::must_be_ours(options).await.map_err(unopened)?;
    let connected = options.reader().connect().await.map_err(db);
    let mut conn = connected.map_err(unopened)?;
    let begun = change(&mut conn, "BEGIN", Args::default()).await;
    begun.map_err(unopened)?;
    let read = all(&mut conn, put).await;
    let closed = conn.close().await.map_err(db);
    read.and(closed)
}

async fn all(conn: &mut SqliteConnection, put: RowSink<'_>) -> Result<(), StoreError> {
    for table in TABLES {
        let columns = columns(conn, table).await?;
        if columns.is_empty() {
            return Err(unreadable(format!("the table {table} is not there")));
        }
        let mut pairs: Vec<String> = columns
            .iter()
            .map(|name| format!("'{name}', {name}"))
            .collect();
        if table == "meta" {
            // Counts trimmed events too.
            pairs.push(
                "'last_event', (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event')"
                    .to_owned(),
            );
        }
        let sql = format!(
            "-- export\nSELECT json_object({}) FROM {table}",
            pairs.join(", ")
        );
        let mut found = conn.fetch(AssertSqlSafe(sql));
        while let Some(row) = found.try_next().await.map_err(db)? {
            let json = row.try_get(0).map_err(db)?;
            put(DumpRow { table, json })?;
        }
    }
    Ok(())
}
