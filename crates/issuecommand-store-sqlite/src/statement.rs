//! Statements and their arguments. Each call to a connection is a round trip to its thread, about 55 µs, so that one call runs several
//! statements on lists of rows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::TryStreamExt;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_store_sql::rows::decode;
use serde::Serialize;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments, Either, Executor, FromRow};

use crate::error::{db, unreadable};

/// Collects rows as a JSON array of arrays.
macro_rules! list {
    ($columns:literal, $order:literal) => {
        concat!(
            "json_group_array(json_array(",
            $columns,
            ") ORDER BY ",
            $order,
            ")"
        )
    };
}

pub(crate) use list;

/// The arguments of a call. A single statement may number them. Several statements take a plain `?` each, in the order of the text, because
/// sqlx counts a number that a statement leaves out as if it were a `?`.
#[derive(Debug, Default)]
pub struct Args(SqliteArguments);

impl Args {
    fn with<'t, T>(mut self, value: T) -> Result<Self, StoreError>
    where
        T: sqlx::Encode<'t, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        self.0.add(value).map_err(unreadable)?;
        Ok(self)
    }

    /// A list of rows as a JSON array, for `json_each`.
    pub(crate) fn list<'t, T: Serialize + 't>(
        self,
        rows: impl IntoIterator<Item = &'t T>,
    ) -> Result<Self, StoreError> {
        self.with(json_list(rows)?)
    }
}

fn json_list<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, StoreError> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    serde::Serializer::collect_seq(&mut serializer, rows).map_err(unreadable)?;
    String::from_utf8(text).map_err(unreadable)
}

impl issuecommand_store_sql::Args for Args {
    fn number(self, number: impl Into<Option<i64>>) -> Result<Self, StoreError> {
        self.with(number.into())
    }

    fn text(self, text: Option<&str>) -> Result<Self, StoreError> {
        self.with(text.map(str::to_owned))
    }

    fn texts<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> Result<Self, StoreError> {
        self.with(json_list(texts)?)
    }

    fn numbers(self, numbers: impl IntoIterator<Item = i64>) -> Result<Self, StoreError> {
        self.with(json_list(numbers)?)
    }

    fn scope(self, scope: &Scope) -> Result<Self, StoreError> {
        match scope {
            Scope::All => self.text(None),
            Scope::Only(repos) => self.texts(repos.iter().map(RepoName::key)),
        }
    }
}

/// Texts that were made of others, by the addresses of these: comparing long texts would take longer than to run some of them. sqlx takes
/// texts that live for ever and keeps prepared statements by text, so that each combination is made once. There are few: one for
/// each set of tables that some batch needs.
type Made = Mutex<BTreeMap<Vec<(usize, usize)>, &'static str>>;

fn made(kept: &Made, texts: &[&'static str], make: impl FnOnce() -> String) -> &'static str {
    let addresses = texts.iter().map(|text| (text.as_ptr().addr(), text.len()));
    let addresses = addresses.collect();
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(addresses).or_insert_with(|| make().leak())
}

/// The texts as one text, to be run by one call.
pub(crate) fn joined(texts: &[&'static str]) -> &'static str {
    static JOINED: Made = Mutex::new(BTreeMap::new());
    match texts {
        [text] => text,
        texts => made(&JOINED, texts, || texts.join(";\n     ")),
    }
}

/// Queries of one column each as one query, whose rows begin with the place of their query. sqlx hands on the end of each query as it
/// does a row, by a message that wakes the caller.
pub(crate) fn united(texts: &[&'static str]) -> &'static str {
    static UNITED: Made = Mutex::new(BTreeMap::new());
    made(&UNITED, texts, || {
        let queries = texts.iter().enumerate();
        let queries = queries.map(|(place, text)| format!("SELECT {place}, * FROM ({text})"));
        queries.collect::<Vec<_>>().join("\n     UNION ALL ")
    })
}

/// Statements on lists of rows, to be run by one call.
#[derive(Debug, Default)]
pub(crate) struct Script {
    texts: Vec<&'static str>,
    args: Args,
}

impl Script {
    /// Adds a statement, unless its list is empty.
    pub(crate) fn on<'t, T: Serialize + 't>(
        mut self,
        text: &'static str,
        rows: impl IntoIterator<Item = &'t T>,
    ) -> Result<Self, StoreError> {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_some() {
            self.texts.push(text);
            self.args = self.args.list(rows)?;
        }
        Ok(self)
    }

    /// Adds a statement with the arguments that this function adds.
    pub(crate) fn with(
        mut self,
        text: &'static str,
        args: impl FnOnce(Args) -> Result<Args, StoreError>,
    ) -> Result<Self, StoreError> {
        self.texts.push(text);
        self.args = args(self.args)?;
        Ok(self)
    }

    /// Runs them. Returns for each how many rows it changed.
    pub(crate) async fn run(self, conn: &mut SqliteConnection) -> Result<Vec<u64>, StoreError> {
        let ran = run_all(conn, joined(&self.texts), self.args).await?;
        Ok(ran.into_iter().map(|(_, changed)| changed).collect())
    }
}

/// Runs a text of `N` statements. Returns for each its rows and how many rows it changed, which is meaningless for one that only reads.
pub(crate) async fn run<const N: usize>(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<[(Vec<SqliteRow>, u64); N], StoreError> {
    let sets = run_all(conn, sql, args).await?;
    let count = sets.len();
    sets.try_into()
        .map_err(|_| unreadable(format!("{count} statements ran instead of {N}")))
}

/// Runs a text of any number of statements.
pub(crate) async fn run_all(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<Vec<(Vec<SqliteRow>, u64)>, StoreError> {
    let mut sets = Vec::new();
    let mut rows = Vec::new();
    let mut stream = conn.fetch_many(sqlx::query_with(sql, args.0));
    while let Some(next) = stream.try_next().await.map_err(db)? {
        match next {
            Either::Right(row) => rows.push(row),
            Either::Left(done) => sets.push((std::mem::take(&mut rows), done.rows_affected())),
        }
    }
    Ok(sets)
}

/// Runs one statement and reads its rows as structs or tuples.
pub(crate) async fn rows<T>(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<Vec<T>, StoreError>
where
    T: for<'r> FromRow<'r, SqliteRow>,
{
    let [(rows, _)] = run(conn, sql, args).await?;
    decode(&rows)
}

/// Runs one statement and returns how many rows it changed.
pub(crate) async fn change(
    conn: &mut SqliteConnection,
    sql: &'static str,
    args: Args,
) -> Result<u64, StoreError> {
    let [(_, changed)] = run(conn, sql, args).await?;
    Ok(changed)
}
