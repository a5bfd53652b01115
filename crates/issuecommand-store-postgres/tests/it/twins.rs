//! The migrations of both databases are twins: the same tables, columns, keys and indexes.

use std::collections::BTreeSet;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::common::TestDatabase;

/// The parts of a schema, one per line, in terms common to both databases.
type Lines = BTreeSet<String>;

/// Parts that only PostgreSQL has. SQLite keeps the latest seq itself, in `sqlite_sequence`, and the words of titles in tables of FTS5.
const POSTGRES_ALONE: [&str; 2] = [
    "column meta.last_event number, always",
    "index issue_words on issue (an expression), of some rows",
];

fn column(table: &str, name: &str, kind: &str, always: bool) -> String {
    let kind = match kind {
        "INTEGER" | "bigint" | "boolean" => "number",
        "TEXT" | "text" | "bytea" => "text",
        other => other,
    };
    let always = if always { "always" } else { "perhaps" };
    format!("column {table}.{name} {kind}, {always}")
}

async fn of_sqlite(conn: &mut SqliteConnection) -> Lines {
    sqlx::migrate!("../../migrations/sqlite")
        .run_direct(None, conn, false)
        .await
        .unwrap();
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'
             AND name NOT LIKE 'issue_words%'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    let mut lines = Lines::new();
    for (table,) in tables {
        let columns: Vec<(String, String, bool, i64)> = ask(
            conn,
            format!(
                "SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}') ORDER BY pk"
            ),
        )
        .await;
        let key: Vec<&str> = columns
            .iter()
            .filter(|(.., pk)| *pk > 0)
            .map(|(name, ..)| name.as_str())
            .collect();
        lines.insert(format!("key {table} ({})", key.join(", ")));
        for (name, kind, always, pk) in &columns {
            lines.insert(column(&table, name, kind, *always || *pk > 0));
        }
        let indexes: Vec<(String, bool, String, bool)> =
            ask(conn, format!("SELECT name, \"unique\", origin, partial FROM pragma_index_list('{table}') WHERE origin <> 'pk'")).await;
        for (name, unique, origin, partial) in indexes {
            let of: Vec<(Option<String>,)> = ask(
                conn,
                format!("SELECT name FROM pragma_index_info('{name}') ORDER BY seqno"),
            )
            .await;
            let of: Vec<String> = of
                .into_iter()
                .map(|(name,)| name.unwrap_or_else(|| "an expression".to_owned()))
                .collect();
            let name = (origin == "c").then_some(name.as_str());
            lines.insert(index(&table, name, &of.join(", "), unique, partial));
        }
        let others: Vec<(String, String, String, String)> =
            ask(conn, format!("SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list('{table}')")).await;
        for (from, other, to, on_delete) in others {
            lines.insert(reference(
                &table,
                &from,
                &other,
                &to,
                on_delete == "CASCADE",
            ));
        }
    }
    lines
}

async fn ask<T>(conn: &mut SqliteConnection, sql: String) -> Vec<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
{
    sqlx::query_as(AssertSqlSafe(sql))
        .fetch_all(conn)
        .await
        .unwrap()
}

fn index(table: &str, name: Option<&str>, of: &str, unique: bool, partial: bool) -> String {
    let unique = if unique { "unique index" } else { "index" };
    let partial = if partial { ", of some rows" } else { "" };
    let name = name.unwrap_or("of a constraint");
    format!("{unique} {name} on {table} ({of}){partial}")
}

fn reference(table: &str, from: &str, other: &str, to: &str, cascade: bool) -> String {
    let cascade = if cascade { ", gone with it" } else { "" };
    format!("reference {table}.{from} to {other}.{to}{cascade}")
}

async fn of_postgres(conn: &mut PgConnection) -> Lines {
    let mut lines = Lines::new();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'NO' FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (table, name, kind, always) in columns {
        lines.insert(column(&table, &name, &kind, always));
    }
    // Of an index: its table, name, columns, whether it is unique, partial, a primary key, made for a constraint.
    let indexes: Vec<(String, String, String, bool, bool, bool, bool)> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text,
             (SELECT string_agg(coalesce(a.attname, 'an expression'), ', ' ORDER BY k.n)
              FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n) LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum),
             x.indisunique, x.indpred IS NOT NULL, x.indisprimary,
             EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid AND c.contype = 'u')
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (table, name, of, unique, partial, primary, constraint) in indexes {
        if primary {
            lines.insert(format!("key {table} ({of})"));
        } else {
            let name = (!constraint).then_some(name.as_str());
            lines.insert(index(&table, name, &of, unique, partial));
        }
    }
    let references: Vec<(String, String, String, String, bool)> = sqlx::query_as(
        "SELECT t.relname::text, f.attname::text, o.relname::text, p.attname::text, c.confdeltype = 'c'
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
         JOIN pg_attribute f ON f.attrelid = t.oid AND f.attnum = c.conkey[1]
         JOIN pg_attribute p ON p.attrelid = o.oid AND p.attnum = c.confkey[1]
         WHERE c.contype = 'f' AND cardinality(c.conkey) = 1",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    for (table, from, other, to, cascade) in references {
        lines.insert(reference(&table, &from, &other, &to, cascade));
    }
    lines
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_keys_and_indexes() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    place.open().await.close().await;
    let mut postgres = of_postgres(&mut place.connect().await).await;
    let memory = SqliteConnectOptions::new().in_memory(true);
    let sqlite = of_sqlite(&mut memory.connect().await.unwrap()).await;
    for alone in POSTGRES_ALONE {
        assert!(postgres.remove(alone), "{alone}");
    }
    assert!(sqlite.len() > 150, "{sqlite:#?}");
    let lonely: Vec<&String> = sqlite.symmetric_difference(&postgres).collect();
    assert!(lonely.is_empty(), "only one of them has {lonely:#?}");
}
