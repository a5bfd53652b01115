//! Checking a database without changing it.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Write};
use std::path::Path;

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store::dump::Inspection;
use issuecommand_store_sql::dump::{broken_invariants, circles};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Executor};

use super::Dump;
use crate::error::db;
use crate::file_id::beside;
use crate::open::{self, FileKind};
use crate::options::SqliteOptions;
use crate::path_error::path_error;
use crate::statement::{Args, rows};

/// What is at the path of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// No file, or an empty one: the first start creates a database.
    Empty,
    /// The earlier service's database: the first start imports it.
    Legacy,
    /// Our database.
    Current(Inspection),
}

/// Checks the database.
///
/// # Errors
/// Why it could not be opened, in the words that a start would have for it.
pub async fn check(options: &SqliteOptions) -> Result<FileState, StoreError> {
    // Before there is any connection, because closing another handle of the file would drop their locks.
    let writable = OpenOptions::new().write(true).open(&options.path);
    match writable {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(refused(&options.path, &error));
        }
        _ => {}
    }
    let room = takes_files(&options.path);
    if let Err(error @ StoreError::Unavailable(_)) = room {
        return Err(error);
    }
    match open::kind(options).await {
        Ok(FileKind::Empty) => room.map(|()| FileState::Empty),
        Ok(FileKind::Legacy) => room.map(|()| FileState::Legacy),
        Ok(FileKind::Current { schema }) => {
            let mut conn = options.reader().connect().await.map_err(db)?;
            let found = through(&mut conn, options, schema).await;
            let closed = conn.close().await.map_err(db);
            let mut found = found?;
            closed?;
            found.unwritable = match room {
                Ok(()) => try_to_write(options).await.err(),
                Err(error) => Some(error),
            };
            Ok(FileState::Current(found))
        }
        // A full disk or a read-only folder is the cause.
        Err(error) => room.and(Err(error)),
    }
}

/// Updates a row to its own values and rolls that back, because permissions alone do not tell whether the database can be written to.
async fn try_to_write(options: &SqliteOptions) -> Result<(), StoreError> {
    const TRY: &str = "-- try_to_write
         BEGIN IMMEDIATE;
         UPDATE meta SET last_now = last_now;
         ROLLBACK";
    let writer = options.reader().pragma("query_only", "OFF");
    let mut conn = writer.connect().await.map_err(db)?;
    let tried = conn.execute(TRY).await.map_err(db);
    // Closing ends a transaction that an error left open.
    let _ = conn.close().await;
    match tried {
        // The checks of integrity and schema report damage.
        Ok(_) | Err(StoreError::Corrupt(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The error of creating or writing a file beside the database.
fn refused(database: &Path, error: &Error) -> StoreError {
    let why = match error.kind() {
        ErrorKind::StorageFull => Unwritable::DiskFull,
        ErrorKind::ReadOnlyFilesystem => Unwritable::ReadOnly,
        ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Unwritable::DiskFails,
        _ => return path_error(database, error),
    };
    let detail = database.display().to_string();
    StoreError::Unwritable { why, detail }
}

/// Whether there is a database at the path. Creates none.
///
/// # Errors
/// Why it could not be opened, in the words that a start would have for it.
pub async fn is_there(options: &SqliteOptions) -> Result<bool, StoreError> {
    let kind = open::kind(options).await?;
    Ok(kind != FileKind::Empty)
}

/// The error of opening a database to read it. Where nothing can be written beside it, which SQLite needs for the log's index even to read,
/// the error says so and what to do.
pub(super) fn unopened(database: &Path, error: StoreError) -> StoreError {
    let (StoreError::Unavailable(_) | StoreError::Unwritable { .. }) = &error else {
        return error;
    };
    let path = database.display();
    let why = match takes_files(database) {
        Err(StoreError::Unwritable {
            why: Unwritable::ReadOnly,
            ..
        }) if database.exists() => "the file system that it is on is read-only",
        Err(_) if database.exists() => {
            "this user can make no file in its folder, or its disk is full"
        }
        _ => return error,
    };
    StoreError::Unavailable(format!(
        "{path} cannot be read where it is: {why}, and SQLite needs files beside a database also to read it. Copy {path}, and \
         {path}-wal where that is there, to a folder that can be written, and set SQLITE_PATH to the copy"
    ))
}

/// About the size of a few commits in the log.
const ROOM: usize = 64 << 10;

/// Creates a file beside the database, fills it and removes it again, because SQLite needs files there, and neither permissions nor the
/// free space of the disk tell whether they can be created.
fn takes_files(database: &Path) -> Result<(), StoreError> {
    let path = beside(database, &format!(".doctor-{}", std::process::id()));
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    let mut file = new.open(&path).map_err(|error| refused(database, &error))?;
    let filled = file.write_all(&vec![0; ROOM]);
    let filled = filled.and_then(|()| file.sync_all());
    // A file that stays does no harm.
    let _ = std::fs::remove_file(&path);
    filled.map_err(|error| refused(database, &error))
}

async fn through(
    conn: &mut SqliteConnection,
    options: &SqliteOptions,
    schema: i64,
) -> Result<Inspection, StoreError> {
    let known_schema = open::newest();
    let size =
        |suffix| std::fs::metadata(beside(&options.path, suffix)).map_or(0, |file| file.len());
    let faults = faults(conn).await?;
    let sound = faults.is_empty() && schema == known_schema;
    Ok(Inspection {
        last_written: if sound { last(conn).await? } else { None },
        server_time: None,
        unwritable: None,
        software: format!("SQLite {}", open::version(conn).await?),
        schema,
        known_schema,
        bytes: size(""),
        log_bytes: size("-wal"),
        // The statements only fit an undamaged database of the current schema.
        broken: if sound {
            broken_invariants(&mut Dump(conn)).await?
        } else {
            Vec::new()
        },
        circles: if sound {
            circles(&mut Dump(conn)).await?
        } else {
            0
        },
        faults,
    })
}

async fn last(conn: &mut SqliteConnection) -> Result<Option<Timestamp>, StoreError> {
    const LAST: &str = "-- last
         SELECT last_now FROM meta";
    let found: Vec<(i64,)> = rows(conn, LAST, Args::default()).await?;
    Ok(found.first().map(|(last,)| Timestamp(*last)))
}

/// The faults that SQLite reports.
pub(super) async fn faults(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    const CHECK: &str = "-- integrity
         PRAGMA integrity_check(5)";
    const REFERENCES: &str = "-- references
         SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1";
    let found: Vec<(String,)> = match rows(conn, CHECK, Args::default()).await {
        Ok(found) => found,
        Err(StoreError::Corrupt(text)) => vec![(text,)],
        Err(error) => return Err(error),
    };
    let mut faults: Vec<String> = found.into_iter().map(|(fault,)| fault).collect();
    faults.retain(|fault| fault != "ok");
    if faults.is_empty() {
        let lost: Vec<(String, i64)> = rows(conn, REFERENCES, Args::default()).await?;
        faults.extend(
            lost.into_iter().map(|(table, count)| {
                format!("{count} rows of {table} refer to what is not there")
            }),
        );
    }
    Ok(faults)
}
