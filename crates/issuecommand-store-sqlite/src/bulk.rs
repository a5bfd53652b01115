//! Many rows, many statements, one call: each call to a connection is a trip to its thread and back, about 55 µs.

use futures_util::TryStreamExt;
use issuecommand_core::domain::failure::StoreError;
use serde::Serialize;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments, Either, Executor};

use crate::error::{db, unreadable};

/// The arguments of a call. One statement may number them. Several take them with a plain `?` each, in the order in which
/// they stand in the text: sqlx counts what a statement leaves out between its numbers as if it were a `?`.
#[derive(Default)]
pub(crate) struct Args(SqliteArguments);

impl Args {
    pub(crate) fn with<'t, T>(mut self, value: T) -> Result<Self, StoreError>
    where
        T: sqlx::Encode<'t, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.0.add(value).map_err(unreadable)?;
        Ok(self)
    }

    /// A list of rows as a JSON array, for `json_each`.
    pub(crate) fn list<T: Serialize>(self, rows: &[T]) -> Result<Self, StoreError> {
        let text = serde_json::to_string(rows).map_err(unreadable)?;
        self.with(text)
    }
}

/// Runs `N` statements that stand in one text: the rows of each, and how many rows each changed (of a statement that only
/// reads, that number means nothing).
pub(crate) async fn run<const N: usize>(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<[(Vec<SqliteRow>, u64); N], StoreError> {
    let mut sets = Vec::with_capacity(N);
    let mut rows = Vec::new();
    let mut stream = conn.fetch_many(sqlx::query_with(sql, args.0));
    while let Some(next) = stream.try_next().await.map_err(db)? {
        match next {
            Either::Right(row) => rows.push(row),
            Either::Left(done) => sets.push((std::mem::take(&mut rows), done.rows_affected())),
        }
    }
    let count = sets.len();
    sets.try_into()
        .map_err(|_| unreadable(format!("{count} statements ran instead of {N}")))
}

/// Runs one statement: its rows.
pub(crate) async fn rows(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<Vec<SqliteRow>, StoreError> {
    let [(rows, _)] = run(conn, sql, args).await?;
    Ok(rows)
}

/// Runs one statement: how many rows it changed.
pub(crate) async fn change(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<u64, StoreError> {
    let [(_, changed)] = run(conn, sql, args).await?;
    Ok(changed)
}

/// Reads rows as structs.
pub(crate) fn read<T>(rows: &[SqliteRow]) -> Result<Vec<T>, StoreError>
where
    T: for<'r> sqlx::FromRow<'r, SqliteRow>,
{
    rows.iter()
        .map(|row| T::from_row(row).map_err(db))
        .collect()
}
