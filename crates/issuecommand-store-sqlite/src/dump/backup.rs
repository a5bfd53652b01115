//! Copying a database that is in use.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_store_sql::Args as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::check::{faults, unopened};
use crate::error::{db, unreadable};
use crate::file_id::beside;
use crate::open;
use crate::options::SqliteOptions;
use crate::path_error::{must_not_be_a_folder, path_error};
use crate::statement::{Args, change};

/// Copies a snapshot of the database into a new file, a complete database without a log, and checks it. Only this user may read the copy.
/// Returns its size in bytes.
///
/// # Errors
/// A database that does not exist or is not ours; a file that exists already; a copy that fails the check.
pub async fn backup(options: &SqliteOptions, to: &Path) -> Result<u64, StoreError> {
    let cannot = |error: std::io::Error| path_error(to, &error);
    must_not_be_a_folder(to)?;
    if to.exists() {
        return Err(StoreError::Unavailable(format!(
            "{} is there already; a backup overwrites nothing",
            to.display()
        )));
    }
    let must_be_ours = open::must_be_ours(options).await;
    must_be_ours.map_err(|error| unopened(&options.path, error))?;
    // It gets the final name when it is complete.
    let half = beside(to, ".part");
    let name = half
        .to_str()
        .ok_or_else(|| StoreError::Unavailable(format!("{} is no UTF-8", half.display())))?;
    match fs::remove_file(&half) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(cannot(error)),
        _ => {}
    }
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    // SQLite fills an empty file.
    drop(new.open(&half).map_err(cannot)?);
    let copied = fill(options, name, &half).await;
    if copied.is_err() {
        // An incomplete copy is useless.
        let _ = fs::remove_file(&half);
    }
    copied?;
    File::open(&half)
        .and_then(|file| file.sync_all())
        .map_err(cannot)?;
    fs::rename(&half, to).map_err(cannot)?;
    fs::metadata(to).map(|meta| meta.len()).map_err(cannot)
}

/// Copies into an empty file and checks the copy.
async fn fill(options: &SqliteOptions, name: &str, half: &Path) -> Result<(), StoreError> {
    const COPY: &str = "-- backup
         VACUUM INTO ?1";
    let reader = options.reader().pragma("query_only", "OFF");
    let connected = reader.connect().await.map_err(db);
    let mut conn = connected.map_err(|error| unopened(&options.path, error))?;
    let copied = change(&mut conn, COPY, Args::default().text(Some(name))?).await;
    let closed = conn.close().await.map_err(db);
    copied.map_err(|error| of_the_copy(half, error))?;
    closed?;
    pass(half).await
}

/// An error of writing, as one of the copy: the database itself is only read here.
fn of_the_copy(half: &Path, error: StoreError) -> StoreError {
    let StoreError::Unwritable { why, .. } = error else {
        return error;
    };
    let what = match why {
        Unwritable::DiskFull => {
            "the disk that it is on is full: give a file on a disk with room for it"
        }
        Unwritable::ReadOnly => "its file system is read-only: give a file on another one",
        Unwritable::NotPermitted => "this user may not write there: give a file in another folder",
        Unwritable::DiskFails => {
            "its disk, or a limit on the size of files, refuses what is written: give a file on another one"
        }
    };
    let half = half.display();
    StoreError::Unavailable(format!(
        "the copy, {half}, cannot be written: {what}. The database is as it was"
    ))
}

async fn pass(copy: &Path) -> Result<(), StoreError> {
    let looking = SqliteConnectOptions::new()
        .filename(copy)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging();
    let mut conn = looking.connect().await.map_err(db)?;
    let faults = faults(&mut conn).await;
    let _ = conn.close().await;
    match faults?.first() {
        None => Ok(()),
        Some(fault) => Err(unreadable(format!("the copy is damaged: {fault}"))),
    }
}
