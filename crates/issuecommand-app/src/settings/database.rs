//! The settings of the database: which of the two kinds, and how to open it.

use std::path::PathBuf;
use std::time::Duration;

use issuecommand_config::{Layers, Origin, RawValue, Setting, SettingsError, definitions};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_store_sqlite::{JournalMode, SqliteOptions, Synchronous};
use url::Url;

/// How to open the database.
#[derive(Clone, Debug)]
pub enum DatabaseOptions {
    /// A file.
    Sqlite(SqliteOptions),
    /// A server, which any number of machines share.
    Postgres(Box<PostgresOptions>),
}

impl DatabaseOptions {
    /// A file with the default options.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(SqliteOptions::new(path))
    }

    /// Where the database is, in words for people.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sqlite(options) => std::path::absolute(&options.path)
                .unwrap_or_else(|_| options.path.clone())
                .display()
                .to_string(),
            Self::Postgres(options) => options.place(),
        }
    }
}

pub(super) fn read(layers: &Layers) -> Result<Result<DatabaseOptions, StoreError>, SettingsError> {
    let url = url(layers)?;
    match &url {
        Some(url) if is_postgres(&url.text) => postgres(layers, url),
        Some(_) | None => Ok(Ok(DatabaseOptions::Sqlite(sqlite(layers, url.as_ref())?))),
    }
}

/// Whether a source names the database.
pub(super) fn is_set(layers: &Layers) -> Result<bool, SettingsError> {
    let path = layers.need(&definitions::SQLITE_PATH)?;
    Ok(url(layers)?.is_some() || path.origin != Origin::Default)
}

/// `DATABASE_URL`, unless a later source sets `SQLITE_PATH`: a project's `.env` may hold a `DATABASE_URL` for another program.
fn url(layers: &Layers) -> Result<Option<RawValue>, SettingsError> {
    let path = layers.need(&definitions::SQLITE_PATH)?;
    let url = layers.find(&definitions::DATABASE_URL)?;
    Ok(url.filter(|url| url.origin >= path.origin))
}

fn postgres(
    layers: &Layers,
    url: &RawValue,
) -> Result<Result<DatabaseOptions, StoreError>, SettingsError> {
    check_address(url)?;
    let schema = layers.find(&definitions::DATABASE_SCHEMA)?;
    let schema = schema.as_ref().map(schema_name).transpose()?;
    let readers = layers.integer(&definitions::DATABASE_POOL_SIZE)?;
    let statement_timeout = millis(layers, &definitions::DATABASE_STATEMENT_TIMEOUT_MS)?;
    let lock_timeout = millis(layers, &definitions::DATABASE_LOCK_TIMEOUT_MS)?;
    Ok(PostgresOptions::new(&url.text).map(|mut options| {
        options.readers = readers;
        options.schema = schema;
        options.statement_timeout = statement_timeout;
        options.lock_timeout = lock_timeout;
        DatabaseOptions::Postgres(Box::new(options))
    }))
}

fn sqlite(layers: &Layers, url: Option<&RawValue>) -> Result<SqliteOptions, SettingsError> {
    let path = if let Some(url) = url {
        layers.path(url, path_of_url(url)?)?
    } else {
        let path = layers.need(&definitions::SQLITE_PATH)?;
        layers.path(&path, file(&path.text).ok_or_else(|| path.refuse())?)?
    };
    Ok(SqliteOptions {
        busy_timeout: millis(layers, &definitions::SQLITE_BUSY_TIMEOUT_MS)?,
        journal_mode: layers.choice(
            &definitions::SQLITE_JOURNAL_MODE,
            [
                JournalMode::Wal,
                JournalMode::Delete,
                JournalMode::Truncate,
                JournalMode::Persist,
            ],
        )?,
        synchronous: layers.choice(
            &definitions::SQLITE_SYNCHRONOUS,
            [Synchronous::Full, Synchronous::Normal],
        )?,
        ..SqliteOptions::new(path)
    })
}

fn millis(layers: &Layers, setting: &'static Setting) -> Result<Duration, SettingsError> {
    let millis: u32 = layers.integer(setting)?;
    Ok(Duration::from_millis(millis.into()))
}

fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

/// A name that PostgreSQL does not shorten or reserve.
fn schema_name(given: &RawValue) -> Result<String, SettingsError> {
    let name = &given.text;
    let fits = (1..=63).contains(&name.len()) && !name.starts_with("pg_") && !name.contains('\0');
    fits.then(|| name.clone()).ok_or_else(|| given.refuse())
}

/// Checks that it is the address of one database. The driver reads the rest.
fn check_address(given: &RawValue) -> Result<(), SettingsError> {
    let names_one = |url: &Url| {
        let path = url.path().trim_start_matches('/');
        !path.is_empty() || url.query_pairs().any(|(key, _)| key == "dbname")
    };
    match Url::parse(&given.text) {
        Ok(url) if names_one(&url) => Ok(()),
        Ok(_) | Err(_) => Err(given.refuse()),
    }
}

/// The path of `sqlite:a.db`, `sqlite://a.db` or `sqlite:///var/a.db`. Nothing in it is decoded.
fn path_of_url(given: &RawValue) -> Result<PathBuf, SettingsError> {
    let path = given
        .text
        .strip_prefix("sqlite:")
        .filter(|path| !path.contains('?'));
    let path = path.map(|path| path.strip_prefix("//").unwrap_or(path));
    path.and_then(file).ok_or_else(|| given.refuse())
}

/// A path, unless SQLite would read it as something other than a file.
fn file(text: &str) -> Option<PathBuf> {
    let other = text.is_empty()
        || text.contains(":memory:")
        || text.starts_with("file:")
        || text.contains('\0');
    (!other).then(|| text.into())
}
