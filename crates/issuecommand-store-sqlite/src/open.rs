//! Opening the file: which file system it is on, whose it is, and bringing it up to date, one process at a time.

mod file_system;
mod identity;
mod lock;

use std::path::Path;

use issuecommand_core::failure::StoreError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection, Executor};

use self::identity::Whose;
use crate::bulk::{Args, read, rows};
use crate::error::{db, unreadable};
use crate::options::SqliteOptions;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// Opens the file for writing. A file that is neither ours nor empty is left as it is.
pub(crate) async fn open(options: &SqliteOptions) -> Result<SqliteConnection, StoreError> {
    file_system::check(&options.path, options.force_network_fs)?;
    // Opening, switching to WAL and migrating are not safe between processes by themselves.
    let lock = lock::take(&options.path, options.busy_timeout).await?;
    let conn = open_alone(options).await;
    drop(lock);
    conn
}

async fn open_alone(options: &SqliteOptions) -> Result<SqliteConnection, StoreError> {
    let known = newest();
    match identity::whose(&options.path, options.busy_timeout).await? {
        Whose::Ours { schema: found } if found > known => {
            return Err(StoreError::NewerSchema { found, known });
        }
        Whose::Ours { .. } | Whose::Nobodys => {}
    }
    let mut conn = options.writer().connect().await.map_err(db)?;
    check_version(&mut conn).await?;
    // Before any table: a file that we began and did not finish must be known as ours.
    conn.execute(identity::MARK).await.map_err(db)?;
    // Not `run`: its future cannot be seen to be `Send` for every lifetime of the connection.
    match MIGRATIONS.run_direct(None, &mut conn, false).await {
        Ok(()) => Ok(conn),
        Err(error) => {
            // The first error is the one that matters.
            let _ = conn.close().await;
            Err(match error {
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                    db(error)
                }
                other => unreadable(format!("migrating failed: {other}")),
            })
        }
    }
}

/// The schema that this version knows.
fn newest() -> i64 {
    MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or(0)
}

/// What is linked may be another SQLite than the one this was built with.
async fn check_version(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    const VERSION: &str = "-- version
         SELECT sqlite_version()";
    let found: Vec<(String,)> = read(&rows(conn, VERSION, Args::default()).await?)?;
    let text = found.first().map_or("", |(version,)| version);
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

/// The path with something behind it, as SQLite names the files beside a database.
fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
