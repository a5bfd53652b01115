//! The file lock under which a database is opened. The file stays behind: to delete it would let two processes hold the
//! lock of the same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use issuecommand_core::failure::StoreError;

use crate::path_error::path_error;

/// Others may be migrating in front of us: opening happens once a process and may take longer than a statement.
const LEAST: Duration = Duration::from_secs(30);

/// Takes the lock of the database at this path; dropping the file gives it back.
pub(super) async fn take(path: &Path, timeout: Duration) -> Result<File, StoreError> {
    let path = super::beside(path, ".lock");
    let deadline = Instant::now() + timeout.max(LEAST);
    let task = tokio::task::spawn_blocking(move || wait(&path, deadline));
    task.await
        .map_err(|error| StoreError::Unavailable(format!("opening broke off: {error}")))?
}

fn wait(path: &Path, deadline: Instant) -> Result<File, StoreError> {
    let cannot = |error: std::io::Error| path_error(path, &error);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(cannot)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy(format!(
                    "another process holds {} and does not finish opening the database",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
    }
}
