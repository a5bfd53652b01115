//! Export: every row, from one snapshot.

use futures_util::TryStreamExt;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::{DumpRow, ID, RowSink, TABLES};
use issuecommand_store_sql::schema::must_be_current;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row as _};

use crate::error::db;
use crate::open;
use crate::options::PostgresOptions;
use crate::place::Place;
use crate::session::connect;
use crate::statement::Db;

const BEGIN: &str = "-- export
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
     SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0";

/// Exports every row in the order of the tables. Other transactions may write meanwhile.
///
/// # Errors
/// A database that is not there or of another schema than this version's; whatever `put` says.
pub async fn export(options: &PostgresOptions, put: RowSink<'_>) -> Result<(), StoreError> {
    let mut conn = connect(options).await?;
    let mut begun = Db::new(&mut conn, false);
    begun.texts(BEGIN).await?;
    let place = Place::find(&mut begun, options.schema.as_deref()).await?;
    place.must_be_free_or_ours()?;
    must_be_current(open::found(&mut begun, &place).await?, open::newest())?;
    let read = all(&mut conn, put).await;
    // Nothing was written: the transaction ends with the connection.
    let closed = conn.close().await.map_err(db);
    read.and(closed)
}

async fn all(conn: &mut PgConnection, put: RowSink<'_>) -> Result<(), StoreError> {
    for table in TABLES {
        let sql = if table == TABLES[0] {
            format!("-- export\nSELECT (to_jsonb(t) - '{ID}')::text FROM {table} AS t")
        } else {
            format!("-- export\nSELECT row_to_json(t)::text FROM {table} AS t")
        };
        let mut found = sqlx::query(AssertSqlSafe(sql))
            .persistent(false)
            .fetch(&mut *conn);
        while let Some(row) = found.try_next().await.map_err(db)? {
            let json = row.try_get(0).map_err(db)?;
            put(DumpRow { table, json })?;
        }
    }
    Ok(())
}
