//! Opening the file: checks its file system and its owner, and runs the migrations, one process at a time.

mod file_identity;
mod file_system;
mod legacy_import;
mod lock;
mod users;

use std::path::Path;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_store_sql::schema;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Executor};

pub(crate) use self::file_identity::FileKind;
use crate::error::{db, unreadable};
use crate::file_id::FileId;
use crate::guard::{Meta, Opened};
use crate::options::{JournalMode, SqliteOptions};
use crate::path_error::path_error;
use crate::statement::{Args, rows};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// Opens the file for writing, and returns which files were opened. A file of the earlier service is imported; any other that is neither
/// ours nor empty is left unchanged.
pub(crate) async fn open(
    options: &SqliteOptions,
    now: Timestamp,
) -> Result<(SqliteConnection, Opened), StoreError> {
    file_system::check(&options.path, options.force_network_fs)?;
    // Opening, switching to WAL and migrating are not safe in several processes at once.
    let lock = lock::take(&options.path, options.busy_timeout).await?;
    let conn = open_alone(options, now).await;
    drop(lock);
    conn
}

async fn open_alone(
    options: &SqliteOptions,
    now: Timestamp,
) -> Result<(SqliteConnection, Opened), StoreError> {
    users::wait(&options.path).await?;
    let known = newest();
    match file_identity::kind(&options.path, options.busy_timeout).await? {
        FileKind::Current { schema: found } if found > known => {
            return Err(StoreError::NewerSchema { found, known });
        }
        FileKind::Legacy => legacy_import::take_over(options, now).await?,
        FileKind::Current { .. } | FileKind::Empty => {}
    }
    // Read before SQLite opens the file and compared afterwards, so that the remembered file is the one of the connection.
    let file = present(&options.path)?;
    let mut conn = options.writer().connect().await.map_err(db)?;
    match prepare(options, &mut conn, file).await {
        Ok(opened) => Ok((conn, opened)),
        Err(error) => {
            // The first error is the one that matters.
            let _ = conn.close().await;
            Err(error)
        }
    }
}

async fn prepare(
    options: &SqliteOptions,
    conn: &mut SqliteConnection,
    file: FileId,
) -> Result<Opened, StoreError> {
    const META: &str = "-- meta
         SELECT last_now, database_id, writes, clock FROM meta";
    check_version(conn).await?;
    // Before any table, so that a file whose creation was interrupted is recognized as ours.
    conn.execute(file_identity::MARK).await.map_err(db)?;
    // Not `run`: its future is not `Send` for every lifetime of the connection.
    MIGRATIONS
        .run_direct(None, &mut *conn, false)
        .await
        .map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => db(error),
            other => unreadable(format!("migrating failed: {other}")),
        })?;
    let meta = Meta::of(rows(conn, META, Args::default()).await?)?;
    let has_log = match options.journal_mode {
        JournalMode::Wal => true,
        JournalMode::Delete | JournalMode::Truncate | JournalMode::Persist => false,
    };
    Opened::new(&options.path, file, has_log, meta.id)
}

/// The file, created with access for this user alone, because it holds the texts of agents and reviewers. SQLite gives its log the same
/// permissions.
fn present(path: &Path) -> Result<FileId, StoreError> {
    let cannot = |error: std::io::Error| path_error(path, &error);
    match FileId::of(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        found => return found.map_err(cannot),
    }
    let mut new = std::fs::OpenOptions::new();
    new.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    // Closing the handle drops no lock of this process: the file did not exist before, and we hold the lock for opening.
    let file = new.open(path).map_err(cannot)?;
    file.metadata()
        .map(|meta| FileId::read(&meta))
        .map_err(cannot)
}

/// The kind of the file, after the same checks as opening.
pub(crate) async fn kind(options: &SqliteOptions) -> Result<FileKind, StoreError> {
    file_system::check(&options.path, options.force_network_fs)?;
    users::must_be_whole(&options.path).await?;
    file_identity::kind(&options.path, options.busy_timeout).await
}

/// Refuses a database that does not exist, is not ours, or has another schema version.
pub(crate) async fn must_be_ours(options: &SqliteOptions) -> Result<(), StoreError> {
    let path = options.path.display();
    match kind(options).await? {
        FileKind::Current { schema } => schema::must_be_current(schema, newest()),
        FileKind::Legacy => Err(StoreError::Unavailable(format!(
            "{path} is the database of the earlier service: start this one once, which takes it over"
        ))),
        FileKind::Empty => Err(StoreError::Unavailable(format!(
            "there is no database at {path}"
        ))),
    }
}

/// The schema that this version knows.
pub(crate) fn newest() -> i64 {
    schema::newest(&MIGRATIONS)
}

/// The linked SQLite may be another than the one of the build.
async fn check_version(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let text = version(conn).await?;
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let version: (u32, u32, u32) = (next(), next(), next());
    if version < crate::LEAST_SQLITE {
        return Err(StoreError::Unavailable(format!(
            "SQLite {text} is linked, which can corrupt a write-ahead log that several processes use; 3.51.3 or later is needed"
        )));
    }
    Ok(())
}

/// The version of the linked SQLite.
pub(crate) async fn version(conn: &mut SqliteConnection) -> Result<String, StoreError> {
    const VERSION: &str = "-- version
         SELECT sqlite_version()";
    let found: Vec<(String,)> = rows(conn, VERSION, Args::default()).await?;
    Ok(found
        .into_iter()
        .next()
        .map_or_else(String::new, |(text,)| text))
}
