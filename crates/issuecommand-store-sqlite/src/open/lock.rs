//! The file lock under which a database is opened. The file stays behind: to delete it would let two processes hold the
//! lock of the same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::StoreError;

use crate::path_error::path_error;

/// Others may be migrating in front of us: opening happens once a process and may take longer than a statement.
const LEAST: Duration = Duration::from_secs(30);

/// Takes the lock of the database at this path; dropping the file gives it back.
pub(super) async fn take(path: &Path, timeout: Duration) -> Result<File, StoreError> {
    let path = crate::file_id::beside(path, ".lock");
    let deadline = Instant::now() + timeout.max(LEAST);
    let task = tokio::task::spawn_blocking(move || wait(&path, deadline));
    task.await
        .map_err(|error| StoreError::Unavailable(format!("opening broke off: {error}")))?
}

/// After so long it is told what is waited for.
const QUIET: Duration = Duration::from_secs(2);

fn wait(path: &Path, deadline: Instant) -> Result<File, StoreError> {
    let cannot = |error: std::io::Error| path_error(path, &error);
    let file = private(path).map_err(cannot)?;
    let tell_at = Instant::now() + QUIET;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                if Instant::now() >= tell_at && !std::mem::replace(&mut told, true) {
                    tracing::warn!(
                        name: "store.waits_for_lock", path = %path.display(),
                        "another process holds the lock under which the database is opened, and is waited for; `lslocks` names it"
                    );
                }
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

/// Opens the lock's file, made where there is none. Who may open a file may lock it, so that it is the user's alone; one that an
/// earlier version made for all to read is taken back.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            // Of another user's file only its owner may say so, who does with the next start.
            let _ = file.set_permissions(std::fs::Permissions::from_mode(0o600));
        }
    }
    Ok(file)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn the_lock_is_its_users_alone_also_where_it_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("issues.db");
        let lock = folder.path().join("issues.db.lock");
        let mode = || std::fs::metadata(&lock).unwrap().permissions().mode() & 0o777;
        drop(take(&database, Duration::ZERO).await.unwrap());
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&lock, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(take(&database, Duration::ZERO).await.unwrap());
        assert_eq!(mode(), 0o600);
    }
}
