//! The file lock for opening a database. The lock file is never deleted: otherwise two processes could hold locks on two files of the
//! same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::StoreError;

use crate::path_error::path_error;

/// Other processes may run migrations first, so that this is longer than the time-out of a statement.
const LEAST: Duration = Duration::from_secs(30);

/// Takes the lock of the database at this path. Dropping the file releases it.
pub(super) async fn take(path: &Path, timeout: Duration) -> Result<File, StoreError> {
    let path = crate::file_id::beside(path, ".lock");
    let deadline = Instant::now() + timeout.max(LEAST);
    let task = tokio::task::spawn_blocking(move || wait(&path, deadline));
    task.await
        .map_err(|error| StoreError::Unavailable(format!("opening broke off: {error}")))?
}

/// After this time the wait is logged.
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

/// Opens or creates the lock file. It is accessible for this user alone, because everybody who may open it may lock it. An older version
/// made it readable for all; that is corrected.
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
            // Only the owner may change the permissions; the owner's next start does.
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
