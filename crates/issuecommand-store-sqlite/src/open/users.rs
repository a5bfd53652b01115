//! Checks that the files beside a database are those that other processes have open.
//!
//! A process that has a database open in WAL mode holds locks on the file and on the log's index. If one of the two, or the log, was
//! removed or replaced meanwhile, a process that opens the database now would share only a part of their state, and destroy it. The
//! others end as soon as they notice; until then opening waits.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::StoreError;

use crate::file_id::{FileId, beside};

/// How long others may take to notice and to end.
const LONGEST: Duration = Duration::from_secs(15);

/// The same for a check. Longer than a process needs to create the files, one after the other, when it opens the database.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Waits until no process has files of this database open of which some were removed or replaced.
///
/// # Errors
/// [`StoreError::Unavailable`] after the time-out.
pub(super) async fn wait(path: &Path) -> Result<(), StoreError> {
    whole_within(path, LONGEST)
        .await
        .map_err(StoreError::Unavailable)
}

/// The same before a check: a reader uses the log too, and creates a new one where it is missing.
///
/// # Errors
/// [`StoreError::Busy`].
pub(super) async fn must_be_whole(path: &Path) -> Result<(), StoreError> {
    whole_within(path, A_MOMENT).await.map_err(StoreError::Busy)
}

async fn whole_within(path: &Path, longest: Duration) -> Result<(), String> {
    let Some(real) = real(path) else {
        return Ok(());
    };
    let begin = Instant::now();
    while let Some(what) = torn(&real) {
        if begin.elapsed() > longest {
            return Err(format!(
                "{what}: stop every process that has {} open, then start again",
                path.display()
            ));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The real path of the file, which may not exist: the other files are beside it and stay when it is removed. `None` without a folder.
fn real(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    // A link may lead to a removed file.
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return Some(real);
        }
        let Ok(target) = path.read_link() else {
            let folder = path.parent()?.canonicalize().ok()?;
            return Some(folder.join(path.file_name()?));
        };
        path = path.parent()?.join(target);
    }
    None
}

/// A longer chain of links is a loop.
const MOST_LINKS: usize = 40;

/// How often the list of locks is read for one check.
const READINGS: usize = 4;

/// Which file does not belong to the others. `None` where there is no list of locks (not on Linux).
fn torn(path: &Path) -> Option<String> {
    // The kernel returns the list in pieces. While others lock and unlock, one reading may miss a lock that is held throughout.
    let mut locks = String::new();
    for _ in 0..READINGS {
        locks.push_str(&std::fs::read_to_string("/proc/locks").ok()?);
        locks.push('\n');
    }
    let id = |suffix: &str| FileId::of(&beside(path, suffix)).ok();
    judge(&locks, id(""), id("-wal"), id("-shm")).map(|what| format!("{} {what}", path.display()))
}

fn judge(
    locks: &str,
    database: Option<FileId>,
    log: Option<FileId>,
    index: Option<FileId>,
) -> Option<&'static str> {
    let used = |file: Option<FileId>| file.is_some_and(|file| locked(locks, file));
    match (used(index), used(database)) {
        (true, false) => Some("has beside it the log of another file that is still in use"),
        (_, true) if log.is_none() && index.is_some() => {
            Some("is in use, and its -wal was removed")
        }
        (_, true) if index.is_none() && log.is_some() => {
            Some("is in use, and its -shm was removed")
        }
        (true, true) | (false, true | false) => None,
    }
}

/// Whether the kernel's list has a POSIX lock on this file:
/// `1: POSIX  ADVISORY  READ 4242 fe:01:1234 1073741826 1073742335`. On some file systems the device differs from that of `stat`.
fn locked(locks: &str, file: FileId) -> bool {
    locks.lines().any(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let posix = words.next() == Some("POSIX");
        let place = words.nth(3);
        let inode = place.and_then(|place| place.rsplit(':').next()?.parse().ok());
        posix && inode == Some(file.inode())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_gone_has_its_place_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(target, folder.join(name)).unwrap();
        };
        std::fs::write(folder.join("there.db"), "").unwrap();
        link("there.db", "to-there.db");
        link("gone.db", "to-gone.db");
        link("to-gone.db", "twice.db");
        link("circle.db", "circle.db");
        for (name, found) in [
            ("there.db", Some("there.db")),
            ("to-there.db", Some("there.db")),
            ("gone.db", Some("gone.db")),
            ("to-gone.db", Some("gone.db")),
            ("twice.db", Some("gone.db")),
            ("no-folder/gone.db", None),
        ] {
            let found = found.map(|found| folder.join(found));
            assert_eq!(real(&folder.join(name)), found, "{name}");
        }
        assert_eq!(real(&folder.join("circle.db")), None);
    }

    const LOCKS: &str = "\
1: POSIX  ADVISORY  READ 4242 fe:01:11 1073741826 1073742335
2: POSIX  ADVISORY  READ 4242 fe:01:13 128 128
3: FLOCK  ADVISORY  WRITE 7 fe:01:21 0 EOF
3: -> POSIX  ADVISORY  WRITE 8 fe:01:22 0 EOF";

    #[test]
    fn mismatched_files_are_detected_while_in_use() {
        // 11 and 13 are locked: a file and the index of its log.
        let id = |inode| Some(FileId::with_inode(inode));
        for (database, log, index, torn) in [
            (id(11), id(12), id(13), false),
            (id(11), None, None, false),
            (id(11), id(12), None, true),
            (id(11), None, id(13), true),
            // The database or the index was replaced.
            (id(21), id(12), id(13), true),
            (None, id(12), id(13), true),
            // No process uses any of these.
            (id(21), id(22), id(23), false),
            (id(21), None, id(23), false),
            (id(21), id(22), None, false),
            (None, None, None, false),
        ] {
            let found = judge(LOCKS, database, log, index);
            assert_eq!(
                found.is_some(),
                torn,
                "{database:?} {log:?} {index:?}: {found:?}"
            );
        }
    }
}
