//! Import into an empty database, all of it or nothing.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store::dump::{Counts, RowSource, TABLES};
use issuecommand_store_sql::ImportTarget;
use issuecommand_store_sql::dump;
use issuecommand_store_sql::schema::must_be_current;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection};

use crate::error::{db, unreadable};
use crate::open;
use crate::options::PostgresOptions;
use crate::place::lead_to;
use crate::statement::{Args, Db};

/// Every writing transaction locks that row first, so that no other is open after this.
const BEGIN: &str = "-- import
     SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0;
     SELECT id FROM meta FOR UPDATE";

/// $1 a list of one object.
const META: &str = "-- fill_meta
     UPDATE meta SET (last_now, trimmed_claims, last_sync, priority_source, last_event, clock, writes)
         = (SELECT m.last_now, m.trimmed_claims, m.last_sync, m.priority_source, coalesce(m.last_event, 0), m.clock,
                greatest(meta.writes, m.writes)
            FROM json_populate_recordset(NULL::meta, $1::json) AS m)";

/// Sets the sequence, so that the next claim's number follows the imported ones.
const NUMBER_ON: &str = "-- number_on
     SELECT setval(pg_get_serial_sequence('claim', 'n'), coalesce(max(n), 1), max(n) IS NOT NULL) FROM claim";

const FREE_LEASES: &str = "-- free_leases
     UPDATE lease SET until = 0";

/// Imports rows and checks the invariants. `schema` is that of the rows.
///
/// # Errors
/// A database that is not empty, or has another schema; rows that it does not take, or that break an invariant; whatever `take`
/// says. Then nothing is in it.
pub async fn import(
    options: &PostgresOptions,
    schema: i64,
    take: RowSource<'_>,
) -> Result<Counts, StoreError> {
    must_be_current(schema, open::newest())?;
    let (mut conn, place) = open::open(options).await?;
    let mut within = Db::new(&mut conn, false);
    within.texts("BEGIN").await?;
    within.texts(AssertSqlSafe(lead_to(&place))).await?;
    within.texts(BEGIN).await?;
    let filled = dump::import(&mut within, take).await;
    let end = if filled.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = within.texts(end).await;
    let closed = conn.close().await.map_err(db);
    let counts = filled?;
    ended?;
    closed?;
    Ok(counts)
}

#[async_trait]
impl ImportTarget for Db<'_> {
    async fn put(&mut self, table: &'static str, rows: &[String]) -> Result<u64, StoreError> {
        // Parsed, because `Args::rows` replaces what PostgreSQL cannot store as it writes JSON.
        let rows = rows.iter().map(|row| serde_json::from_str(row));
        let rows: Vec<Value> = rows.collect::<Result<_, _>>().map_err(unreadable)?;
        let args = Args::default().rows(&rows)?;
        if table == TABLES[0] {
            return self.change(META, args).await;
        }
        let sql = format!(
            "-- import\nINSERT INTO {table} OVERRIDING SYSTEM VALUE
             SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)"
        );
        self.change(AssertSqlSafe(sql), args).await
    }

    async fn finish(&mut self) -> Result<(), StoreError> {
        self.texts(NUMBER_ON).await?;
        // Nobody holds a lease on this database yet: its former holder would be waited for in vain.
        self.texts(FREE_LEASES).await.map(drop)
    }
}
