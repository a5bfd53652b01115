//! Statements and their arguments. Each call is a round trip to the server.

use std::io;

use futures_util::TryStreamExt;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_store_sql::rows::decode;
use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{Arguments, Either, Encode, Executor, Postgres, SqlSafeStr, Type};

use crate::error::{db, unreadable};

/// Collects rows as a JSON array of arrays.
macro_rules! list {
    ($columns:literal, $order:literal) => {
        concat!(
            "coalesce(json_agg(json_build_array(",
            $columns,
            ") ORDER BY ",
            $order,
            "), '[]')::text"
        )
    };
}

pub(crate) use list;

/// The arguments of a statement, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Args(PgArguments);

impl Args {
    pub(crate) fn with<'t, T>(mut self, value: T) -> Result<Self, StoreError>
    where
        T: Encode<'t, Postgres> + Type<Postgres>,
    {
        self.0.add(value).map_err(unreadable)?;
        Ok(self)
    }

    /// A list of texts, for `unnest` or `ANY`.
    pub(crate) fn texts(
        self,
        texts: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, StoreError> {
        let texts = texts.into_iter().map(|text| storable(text.as_ref()));
        self.with(texts.collect::<Vec<String>>())
    }

    /// Repositories and numbers, as two lists for `unnest`.
    pub(crate) fn keys<'k>(
        self,
        keys: impl IntoIterator<Item = &'k IssueKey>,
    ) -> Result<Self, StoreError> {
        let keys = keys
            .into_iter()
            .map(|(repo, number)| (repo.0, number.get()));
        let (repos, numbers): (Vec<i64>, Vec<i64>) = keys.unzip();
        self.with(repos)?.with(numbers)
    }

    /// Rows as a JSON array of objects, for `jsonb_to_recordset` and its like.
    pub(crate) fn rows<T: Serialize>(self, rows: &[T]) -> Result<Self, StoreError> {
        let mut text = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut text, NulReplacingFormatter);
        rows.serialize(&mut serializer).map_err(unreadable)?;
        self.with(String::from_utf8(text).map_err(unreadable)?)
    }
}

impl issuecommand_store_sql::Args for Args {
    fn number(self, number: impl Into<Option<i64>>) -> Result<Self, StoreError> {
        self.with(number.into())
    }

    fn text(self, text: Option<&str>) -> Result<Self, StoreError> {
        self.with(text.map(storable))
    }

    fn texts<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> Result<Self, StoreError> {
        Self::texts(self, texts)
    }

    fn numbers(self, numbers: impl IntoIterator<Item = i64>) -> Result<Self, StoreError> {
        self.with(numbers.into_iter().collect::<Vec<i64>>())
    }

    fn scope(self, scope: &Scope) -> Result<Self, StoreError> {
        match scope {
            Scope::All => self.with(None::<Vec<String>>),
            Scope::Only(repos) => self.texts(repos.iter().map(RepoName::key)),
        }
    }
}

/// PostgreSQL's text cannot hold U+0000; it is replaced by U+FFFD.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Does the same within JSON.
struct NulReplacingFormatter;

impl Formatter for NulReplacingFormatter {
    fn write_char_escape<W>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        match escape {
            CharEscape::AsciiControl(0) => writer.write_all("\u{fffd}".as_bytes()),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}

/// A connection, and whether statements stay prepared on it.
#[derive(Debug)]
pub(crate) struct Db<'c> {
    conn: &'c mut PgConnection,
    prepares: bool,
}

impl<'c> Db<'c> {
    pub(crate) fn new(conn: &'c mut PgConnection, prepares: bool) -> Self {
        Self { conn, prepares }
    }

    /// Runs one statement and returns its rows.
    pub(crate) async fn rows(
        &mut self,
        sql: impl SqlSafeStr,
        args: Args,
    ) -> Result<Vec<PgRow>, StoreError> {
        let query = sqlx::query_with(sql, args.0).persistent(self.prepares);
        self.conn.fetch_all(query).await.map_err(db)
    }

    /// Runs one statement and reads its rows as structs or tuples.
    pub(crate) async fn read<T>(
        &mut self,
        sql: impl SqlSafeStr,
        args: Args,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> sqlx::FromRow<'r, PgRow>,
    {
        decode(&self.rows(sql, args).await?)
    }

    /// Runs one statement and returns how many rows it changed.
    pub(crate) async fn change(
        &mut self,
        sql: impl SqlSafeStr,
        args: Args,
    ) -> Result<u64, StoreError> {
        let query = sqlx::query_with(sql, args.0).persistent(self.prepares);
        let done = self.conn.execute(query).await.map_err(db)?;
        Ok(done.rows_affected())
    }

    /// Runs several statements without arguments in one round trip and returns the rows of each.
    pub(crate) async fn texts(
        &mut self,
        sql: impl SqlSafeStr,
    ) -> Result<Vec<Vec<PgRow>>, StoreError> {
        self.try_texts(sql).await.map_err(db)
    }

    /// The same with sqlx's error.
    pub(crate) async fn try_texts(
        &mut self,
        sql: impl SqlSafeStr,
    ) -> Result<Vec<Vec<PgRow>>, sqlx::Error> {
        let mut sets = Vec::new();
        let mut rows = Vec::new();
        let mut stream = self.conn.fetch_many(sqlx::raw_sql(sql));
        while let Some(next) = stream.try_next().await? {
            match next {
                Either::Right(row) => rows.push(row),
                Either::Left(_) => sets.push(std::mem::take(&mut rows)),
            }
        }
        Ok(sets)
    }
}
