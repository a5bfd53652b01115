//! Which database, as one value of the settings that say it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::definitions;
use crate::error::SettingsError;
use crate::layers::{Layers, RawValue};
use crate::origin::Origin;

/// The database, and how to open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite {
        /// Where; relative to the working folder.
        path: PathBuf,
        /// Whether a setting says so; else it is the default.
        asked_for: bool,
        /// How long to wait for a locked database.
        busy_timeout: Duration,
        /// The journal.
        journal_mode: JournalMode,
        /// What a commit waits for.
        synchronous: Synchronous,
    },
    /// A PostgreSQL server, which any number of machines share.
    Postgres {
        /// Where, and what it takes to get in.
        url: PostgresUrl,
        /// The schema of the tables; `None` for the first of the role's path.
        schema: Option<String>,
        /// How many connections read; 1 or more.
        pool_size: u32,
        /// How long one statement may take.
        statement_timeout: Duration,
        /// How long to wait for other writers.
        lock_timeout: Duration,
    },
}

/// The address of a PostgreSQL database, which may hold a password: its `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct PostgresUrl(SecretString);

impl PostgresUrl {
    /// The whole of it, for whoever connects.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for PostgresUrl {}

/// SQLite's journal modes, without those that lose claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalMode {
    /// Write-ahead log: readers and the writer do not wait for each other.
    Wal,
    /// A rollback journal, deleted after each transaction.
    Delete,
    /// The same, cut to nothing.
    Truncate,
    /// The same, its header overwritten.
    Persist,
}

impl JournalMode {
    const ALL: [Self; 4] = [Self::Wal, Self::Delete, Self::Truncate, Self::Persist];
}

/// What a commit of SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// The disk: an acknowledged claim outlives a power cut.
    Full,
    /// In WAL, the operating system: it outlives a crash of the process.
    Normal,
}

impl Synchronous {
    const ALL: [Self; 2] = [Self::Full, Self::Normal];
}

impl Database {
    pub(crate) fn read(layers: &Layers) -> Result<Self, SettingsError> {
        let path = layers.need(&definitions::SQLITE_PATH)?;
        // The later source wins between the two as well: who sets SQLITE_PATH for this program is not overruled by a
        // DATABASE_URL that a project's `.env` holds for another one.
        let url = layers
            .find(&definitions::DATABASE_URL)?
            .filter(|url| url.origin >= path.origin);
        if let Some(url) = &url
            && is_postgres(&url.text)
        {
            let millis = |setting| Ok(Duration::from_millis(layers.need(setting)?.integer()?));
            return Ok(Self::Postgres {
                url: postgres_url(url)?,
                schema: layers
                    .find(&definitions::DATABASE_SCHEMA)?
                    .map(|given| schema(&given))
                    .transpose()?,
                pool_size: layers.need(&definitions::DATABASE_POOL_SIZE)?.integer()?,
                statement_timeout: millis(&definitions::DATABASE_STATEMENT_TIMEOUT_MS)?,
                lock_timeout: millis(&definitions::DATABASE_LOCK_TIMEOUT_MS)?,
            });
        }
        Ok(Self::Sqlite {
            asked_for: url.is_some() || path.origin != Origin::Default,
            path: if let Some(url) = url {
                layers.path(&url, path_of_url(&url)?)?
            } else {
                let file = file(&path.text).ok_or_else(|| path.refuse())?;
                layers.path(&path, file)?
            },
            busy_timeout: Duration::from_millis(
                layers
                    .need(&definitions::SQLITE_BUSY_TIMEOUT_MS)?
                    .integer::<u64>()?,
            ),
            journal_mode: layers
                .need(&definitions::SQLITE_JOURNAL_MODE)?
                .choice(definitions::JOURNAL_MODES, JournalMode::ALL)?,
            synchronous: layers
                .need(&definitions::SQLITE_SYNCHRONOUS)?
                .choice(definitions::SYNCHRONOUS, Synchronous::ALL)?,
        })
    }
}

fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

/// A name that PostgreSQL takes as it is.
fn schema(given: &RawValue) -> Result<String, SettingsError> {
    let name = &given.text;
    let fits = (1..=63).contains(&name.len()) && !name.starts_with("pg_") && !name.contains('\0');
    fits.then(|| name.clone()).ok_or_else(|| given.refuse())
}

/// What follows the scheme is the driver's to read; here it must be an address at all, of one database.
fn postgres_url(given: &RawValue) -> Result<PostgresUrl, SettingsError> {
    let named = |url: &Url| {
        let path = url.path().trim_start_matches('/');
        !path.is_empty() || url.query_pairs().any(|(key, _)| key == "dbname")
    };
    match Url::parse(&given.text) {
        Ok(url) if named(&url) => Ok(PostgresUrl(given.text.clone().into())),
        _ => Err(given.refuse()),
    }
}

/// `sqlite:a.db`, `sqlite://a.db`, `sqlite:///var/a.db`; the path as it stands, nothing in it is decoded.
fn path_of_url(given: &RawValue) -> Result<PathBuf, SettingsError> {
    let path = given
        .text
        .strip_prefix("sqlite:")
        .filter(|path| !path.contains('?'));
    let path = path.map(|path| path.strip_prefix("//").unwrap_or(path));
    path.and_then(file).ok_or_else(|| given.refuse())
}

/// A path, unless SQLite would take it for something else than a file.
fn file(text: &str) -> Option<PathBuf> {
    let other = text.is_empty()
        || text.contains(":memory:")
        || text.starts_with("file:")
        || text.contains('\0');
    (!other).then(|| text.into())
}
