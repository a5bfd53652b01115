//! Looking a database through without changing anything.

use std::fs::OpenOptions;
use std::path::Path;

use issuecommand_core::failure::StoreError;
use issuecommand_core::time::Timestamp;
use issuecommand_store::whole::Inspection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use super::broken;
use crate::bulk::{Args, read, rows};
use crate::error::db;
use crate::open::{self, Whose};
use crate::options::SqliteOptions;
use crate::path_error::path_error;

/// What stands at the path of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet, or an empty file: a database is made at the first start.
    Nothing,
    /// The earlier service's database: it is taken over at the first start.
    EarlierServices,
    /// Ours.
    Ours(Inspection),
}

/// Looks the database through.
///
/// # Errors
/// Why it could not be opened, in the words that a start would have for it.
pub async fn inspect(options: &SqliteOptions) -> Result<Found, StoreError> {
    // Before there is any connection: to close another handle of the file would drop the locks of those.
    let writable = OpenOptions::new().write(true).open(&options.path);
    match writable {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(path_error(&options.path, &error));
        }
        _ => {}
    }
    takes_files(&options.path)?;
    match open::look(options).await? {
        Whose::Nobodys => Ok(Found::Nothing),
        Whose::EarlierServices => Ok(Found::EarlierServices),
        Whose::Ours { schema } => {
            let mut conn = options.reader().connect().await.map_err(db)?;
            let found = through(&mut conn, options, schema).await;
            let closed = conn.close().await.map_err(db);
            let found = found?;
            closed?;
            Ok(Found::Ours(found))
        }
    }
}

/// Whether there is a database at the path, without making one.
///
/// # Errors
/// Why it could not be opened, in the words that a start would have for it.
pub async fn is_there(options: &SqliteOptions) -> Result<bool, StoreError> {
    let whose = open::look(options).await?;
    Ok(whose != Whose::Nobodys)
}

/// Makes a file beside the database and removes it again: SQLite and the opening need others there, and rights alone do not say
/// whether they can be made.
fn takes_files(database: &Path) -> Result<(), StoreError> {
    let path = open::beside(database, &format!(".doctor-{}", std::process::id()));
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    let made = new
        .open(&path)
        .map_err(|error| path_error(database, &error));
    if made.is_ok() {
        // It is empty and nobody looks for it: one that stays does no harm.
        let _ = std::fs::remove_file(&path);
    }
    made.map(drop)
}

async fn through(
    conn: &mut SqliteConnection,
    options: &SqliteOptions,
    schema: i64,
) -> Result<Inspection, StoreError> {
    let known_schema = open::newest();
    let size = |suffix| {
        std::fs::metadata(open::beside(&options.path, suffix)).map_or(0, |file| file.len())
    };
    let faults = faults(conn).await?;
    let sound = faults.is_empty() && schema == known_schema;
    Ok(Inspection {
        last_written: if sound { last(conn).await? } else { None },
        server_time: None,
        software: format!("SQLite {}", open::version(conn).await?),
        schema,
        known_schema,
        bytes: size(""),
        log_bytes: size("-wal"),
        // In a damaged database, or one of another version, the statements mean nothing.
        broken: if sound {
            broken(conn).await?
        } else {
            Vec::new()
        },
        faults,
    })
}

async fn last(conn: &mut SqliteConnection) -> Result<Option<Timestamp>, StoreError> {
    const LAST: &str = "-- last
         SELECT last_now FROM meta";
    let found: Vec<(i64,)> = read(&rows(conn, LAST, Args::default()).await?)?;
    Ok(found.first().map(|(last,)| Timestamp(*last)))
}

/// What SQLite finds wrong with a database.
pub(super) async fn faults(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    const CHECK: &str = "-- integrity
         PRAGMA integrity_check(5)";
    const REFERENCES: &str = "-- references
         SELECT \"table\", count(*) FROM pragma_foreign_key_check GROUP BY 1";
    let found: Vec<(String,)> = match rows(conn, CHECK, Args::default()).await {
        Ok(found) => read(&found)?,
        Err(StoreError::Corrupt(text)) => vec![(text,)],
        Err(error) => return Err(error),
    };
    let mut faults: Vec<String> = found.into_iter().map(|(fault,)| fault).collect();
    faults.retain(|fault| fault != "ok");
    if faults.is_empty() {
        let lost: Vec<(String, i64)> = read(&rows(conn, REFERENCES, Args::default()).await?)?;
        faults.extend(
            lost.into_iter().map(|(table, count)| {
                format!("{count} rows of {table} refer to what is not there")
            }),
        );
    }
    Ok(faults)
}
