//! Whose file it is, found out without changing a byte of it.

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

/// `ISCM`, in the header of every file of ours.
const APPLICATION: i64 = 0x4953_434D;

/// Marks a file as ours; changes nothing in one that is.
pub(super) const MARK: &str = "PRAGMA application_id = 1230193485";
const _: () = assert!(APPLICATION == 1_230_193_485);

/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Whose a file is that we may open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// There is none, or nothing is in it.
    Empty,
    /// IssueCommand's, with this schema; 0 while it has none.
    Current {
        /// The newest migration that was run on it.
        schema: i64,
    },
    /// The earlier service's, to be taken over.
    Legacy,
}

/// Looks at the file, and refuses one that is somebody else's.
pub(super) async fn whose(path: &Path, timeout: Duration) -> Result<FileKind, StoreError> {
    // What this process has open was looked at before.
    if !is_open_here(path) && !begins_like_sqlite(path)? {
        return Ok(FileKind::Empty);
    }
    let looked = look_through(path, timeout, true).await;
    // What a crash left in a journal can only be read past by taking it back, which whoever opens the file next has to do.
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
    // It was only read from: what goes wrong in closing changes nothing of what was found.
    let _ = conn.close().await;
    found
}

/// What SQLite puts behind the name of a database for its rollback journal.
const JOURNAL: &str = "-journal";

/// Whether something is in the file beside the database.
fn holds(path: &Path, suffix: &str) -> bool {
    std::fs::metadata(beside(path, suffix)).is_ok_and(|file| file.len() > 0)
}

/// Without a log or journal the file alone is the whole truth, and nothing need be made beside it to read it.
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
