//! The file operations of the import, each of them atomic.

use std::fs::{self, File};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::Args as _;
use sqlx::sqlite::SqliteConnection;

use crate::file_id::beside;
use crate::statement::{Args, change};

fn cannot(path: &Path) -> impl Fn(Error) -> StoreError + '_ {
    move |error| StoreError::Unavailable(format!("{}: {error}", path.display()))
}

/// Removes an unfinished database and SQLite's files beside it.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let path = beside(path, suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(cannot(&path)(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Copies the permissions and the owner of the old file to the new one, as far as this process may.
pub(super) fn as_accessible(new: &Path, old: &Path) {
    let Ok(meta) = fs::metadata(old) else { return };
    // Without the privilege for this, this process can still use the file, which it created.
    let _ = fs::set_permissions(new, meta.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let _ = chown(new, Some(meta.uid()), Some(meta.gid()));
    }
}

/// Syncs the file to the disk.
pub(super) fn settle(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(cannot(path))
}

/// Replaces a file by another and syncs the folder.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(cannot(to))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    settle(folder.unwrap_or(Path::new(".")))
}

/// Copies the old database through the connection that holds its lock: opening and closing the file once more would release that lock.
/// An existing copy is never overwritten.
pub(super) async fn keep_copy(
    path: &Path,
    old: &mut SqliteConnection,
) -> Result<PathBuf, StoreError> {
    const COPY: &str = "-- copy
         VACUUM INTO ?1";
    let half = beside(path, ".copying");
    remove(&half)?;
    let name = half
        .to_str()
        .ok_or_else(|| StoreError::Unavailable(format!("{} is no UTF-8", half.display())))?;
    change(old, COPY, Args::default().text(Some(name))?).await?;
    as_accessible(&half, path);
    settle(&half)?;
    let mut copy = beside(path, ".old-service");
    let mut n = 1;
    while copy.exists() {
        n += 1;
        copy = beside(path, &format!(".old-service-{n}"));
    }
    rename(&half, &copy)?;
    Ok(copy)
}
