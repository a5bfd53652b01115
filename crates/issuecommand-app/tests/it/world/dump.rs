//! All rows of the domain tables as text, to compare them to the byte.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Tables about processes and not about work: the lease holder, and the time of the last write.
// Who was heard is recorded for refused calls too.
const NOT_DOMAIN: [&str; 5] = ["lease", "meta", "_sqlx_migrations", "agent", "session"];

/// The rows of each table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dump(BTreeMap<String, Vec<String>>);

impl Dump {
    pub(crate) async fn of(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut conn = SqliteConnection::connect_with(&options).await.unwrap();
        let tables: Vec<(String,)> = sqlx::query_as(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        let mut dump = BTreeMap::new();
        for (table,) in tables {
            if NOT_DOMAIN.contains(&table.as_str()) || table.starts_with("issue_words") {
                continue;
            }
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(columns))
                .fetch_all(&mut conn)
                .await
                .unwrap();
            let quoted: Vec<String> = columns
                .iter()
                .map(|(name,)| format!("quote(\"{name}\")"))
                .collect();
            let row = quoted.join(" || '|' || ");
            let rows = format!("SELECT {row} FROM \"{table}\" ORDER BY 1");
            let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(rows))
                .fetch_all(&mut conn)
                .await
                .unwrap();
            dump.insert(table, rows.into_iter().map(|(row,)| row).collect());
        }
        conn.close().await.unwrap();
        Self::complete(dump)
    }

    /// The same of a database of PostgreSQL.
    pub(crate) async fn of_server(url: &str) -> Self {
        let mut conn = PgConnection::connect(url).await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        let mut dump = BTreeMap::new();
        for table in tables {
            if NOT_DOMAIN.contains(&table.as_str()) {
                continue;
            }
            let rows = format!("SELECT t::text FROM \"{table}\" t ORDER BY 1");
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
                .fetch_all(&mut conn)
                .await
                .unwrap();
            dump.insert(table, rows);
        }
        conn.close().await.unwrap();
        Self::complete(dump)
    }

    fn complete(dump: BTreeMap<String, Vec<String>>) -> Self {
        let dump = Self(dump);
        // A renamed table would otherwise be compared as empty with empty.
        for table in [
            "repo",
            "issue",
            "claim",
            "claim_status",
            "event",
            "outbox",
            "idempotency",
        ] {
            assert!(dump.0.contains_key(table), "no table {table}");
        }
        dump
    }

    /// How many rows a table has.
    pub(crate) fn rows(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// Only claims and their history.
    pub(crate) fn claims(&self) -> [&Vec<String>; 2] {
        [&self.0["claim"], &self.0["claim_status"]]
    }
}
