//! Finding out the kind of a file without changing it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::error::{db, unreadable};
use crate::file_id::beside;
use crate::guard::is_open_here;
use crate::path_error::path_error;
use crate::statement::{Args, rows};

/// `ISCM`, the application id in the header of our files.
const APPLICATION: i64 = 0x4953_434D;

/// Sets the application id; changes nothing in a file that has it.
pub(super) const MARK: &str = "PRAGMA application_id = 1230193485";
const _: () = assert!(APPLICATION == 1_230_193_485);

/// The first bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The kind of a file that we may open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// No file, or an empty one.
    Empty,
    /// Our database.
    Current {
        /// The newest migration that was run on it; 0 before the first.
        schema: i64,
    },
    /// The earlier service's database, to be imported.
    Legacy,
}

/// Reads the kind of the file, and refuses a file of another program.
pub(super) async fn kind(path: &Path, timeout: Duration) -> Result<FileKind, StoreError> {
    // A file that this process has open was checked before.
    if !is_open_here(path) && !begins_like_sqlite(path)? {
        return Ok(FileKind::Empty);
    }
    let looked = look_through(path, timeout, true).await;
    // A hot journal must be rolled back before the file can be read. The next process that opens the file does that.
    if matches!(looked, Err(StoreError::Unavailable(_))) && holds(path, JOURNAL) {
        return look_through(path, timeout, false).await;
    }
    looked
}

async fn look_through(path: &Path, timeout: Duration, only: bool) -> Result<FileKind, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(only)
        .immutable(settled(path))
        .busy_timeout(timeout)
        .disable_statement_logging();
    let mut conn = options
        .connect()
        .await
        .map_err(|error| named(path, error))?;
    let found = look(path, &mut conn).await;
    // The connection only read, so that an error of closing does not matter.
    let _ = conn.close().await;
    found
}

/// The suffix of the rollback journal.
const JOURNAL: &str = "-journal";

/// Whether the file beside the database exists and is not empty.
fn holds(path: &Path, suffix: &str) -> bool {
    std::fs::metadata(beside(path, suffix)).is_ok_and(|file| file.len() > 0)
}

/// Whether there is neither a log nor a journal: then the file is complete, and can be read without creating files beside it.
pub(super) fn settled(path: &Path) -> bool {
    !holds(path, "-wal") && !holds(path, JOURNAL)
}

/// `false` for a file that is not there or empty.
fn begins_like_sqlite(path: &Path) -> Result<bool, StoreError> {
    let cannot = |error: std::io::Error| path_error(path, &error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(cannot(error)),
    };
    let mut start = Vec::with_capacity(MAGIC.len());
    file.take(MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(cannot)?;
    if start.is_empty() {
        return Ok(false);
    }
    if start != MAGIC {
        return Err(unreadable(format!(
            "{} is no SQLite database; it was left as it is",
            path.display()
        )));
    }
    Ok(true)
}

async fn look(path: &Path, conn: &mut SqliteConnection) -> Result<FileKind, StoreError> {
    const TABLES: &str = "-- tables
         SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name";
    const APPLICATION_ID: &str = "-- application
         SELECT application_id FROM pragma_application_id";
    const SCHEMA: &str = "-- schema
         SELECT coalesce(max(version), 0) FROM _sqlx_migrations";
    let tables: Vec<(String,)> = rows(conn, TABLES, Args::default()).await?;
    let application: Vec<(i64,)> = rows(conn, APPLICATION_ID, Args::default()).await?;
    let application = application.first().map_or(0, |(id,)| *id);
    let has = |name: &str| tables.iter().any(|(table,)| table == name);
    if application == APPLICATION {
        let mut schema = 0;
        if has("_sqlx_migrations") {
            let found: Vec<(i64,)> = rows(conn, SCHEMA, Args::default()).await?;
            schema = found.first().map_or(0, |(version,)| *version);
        }
        return Ok(FileKind::Current { schema });
    }
    if tables.is_empty() && application == 0 {
        return Ok(FileKind::Empty);
    }
    if application == 0 && (has("claim_runtime_state") || has("claim_active")) {
        return Ok(FileKind::Legacy);
    }
    let names: Vec<&str> = tables
        .iter()
        .map(|(table,)| table.as_str())
        .take(5)
        .collect();
    Err(unreadable(format!(
        "{} is another program's SQLite database (application_id {application}, tables: {}); it was left as it is: set \
         SQLITE_PATH to another file",
        path.display(),
        names.join(", ")
    )))
}

fn named(path: &Path, error: sqlx::Error) -> StoreError {
    match db(error) {
        StoreError::Unavailable(text) => {
            StoreError::Unavailable(format!("{}: {text}", path.display()))
        }
        other => other,
    }
}
