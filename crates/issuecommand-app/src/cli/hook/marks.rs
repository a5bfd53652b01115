//! What hooks of one session remember between two calls: empty files in the private folder of this user, since a hook must not wait
//! for a database to know that it has nothing to do.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::SessionId;
use sha2::{Digest, Sha256};

use crate::registry::folder;

/// Files of sessions that were not heard for this long are removed.
const KEEP: Duration = Duration::from_hours(8 * 24);
/// A sign of life is given at most this often.
const EACH: Duration = Duration::from_mins(1);

/// The marks of one session.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Marks {
    folder: PathBuf,
    session: String,
}

impl Marks {
    /// Those of a session of a client.
    ///
    /// # Errors
    /// A folder that cannot be made, or that another user could have made.
    pub(in crate::cli) fn of(client: &str, session: &str) -> io::Result<Self> {
        Ok(Self {
            folder: folder::of_user()?,
            session: digest(&[client, session]),
        })
    }

    fn path(&self, what: &str) -> PathBuf {
        self.folder.join(format!("hook-{}-{what}", self.session))
    }

    /// Whether a sign of life is due, which then counts as given: of hooks at the same moment one gives it.
    pub(super) fn sign_is_due(&self) -> bool {
        let path = self.path("sign");
        let age = fs::metadata(&path)
            .and_then(|meta| meta.modified())
            .map(|at| at.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age < EACH) {
            return false;
        }
        create(&path).is_ok_and(|file| file.set_modified(SystemTime::now()).is_ok())
    }

    /// Notes that something was said to the model. Returns whether it is the first time.
    pub(in crate::cli) fn first_time(&self, what: &[&str]) -> bool {
        let path = self.path(&format!("said-{}", digest(what)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).open(path).is_ok()
    }

    /// The lock of the one that waits in this session, unless another one has it. It ends with the file or the process.
    pub(in crate::cli) fn only_waiter(&self) -> Option<File> {
        let file = create(&self.path("waits")).ok()?;
        match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
        }
    }

    /// Remembers the database of this session's service.
    pub(super) fn keep_database(&self, path: &Path) {
        let known = self.path("database");
        if self.database().as_deref() != Some(path) {
            // Without it the next call looks for the database again.
            let _ = fs::write(known, path.as_os_str().as_encoded_bytes());
        }
    }

    /// The database that was remembered.
    pub(super) fn database(&self) -> Option<PathBuf> {
        let text = fs::read_to_string(self.path("database")).ok()?;
        Some(PathBuf::from(text))
    }

    /// Remembers who acts in the session, for the time when its services have gone.
    pub(super) fn keep_callers(&self, callers: &[(AgentId, SessionId)]) {
        let names = callers.iter();
        let names = names.flat_map(|(agent, id)| [agent.as_str(), id.as_str()]);
        let lines = names.collect::<Vec<_>>().join("\n");
        let path = self.path("callers");
        if fs::read_to_string(&path).ok().as_deref() != Some(&lines) {
            // Without it the end of the session is not told.
            let _ = fs::write(path, lines);
        }
    }

    /// Who was remembered.
    pub(super) fn callers(&self) -> Vec<(AgentId, SessionId)> {
        let text = fs::read_to_string(self.path("callers")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let pairs = lines.chunks_exact(2);
        let pair = |pair: &[&str]| {
            let agent = AgentId::parse(pair[0]).ok()?;
            Some((agent, SessionId::parse(pair[1]).ok()?))
        };
        pairs.filter_map(pair).collect()
    }

    /// Removes the files of old sessions.
    pub(super) fn sweep(&self) {
        let Ok(files) = fs::read_dir(&self.folder) else {
            return;
        };
        for file in files.flatten() {
            let is_mark = file.file_name().to_string_lossy().starts_with("hook-");
            let modified = file.metadata().and_then(|meta| meta.modified());
            let age = modified.map(|at| at.elapsed().unwrap_or_default());
            if is_mark && age.is_ok_and(|age| age > KEEP) {
                // Another hook may have removed it.
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options.open(path)
}

fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(&digest.finalize()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(folder: &Path, session: &str) -> Marks {
        Marks {
            folder: folder.to_owned(),
            session: digest(&["codex", session]),
        }
    }

    #[test]
    fn a_sign_is_due_once_a_minute_and_a_word_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (marks(folder.path(), "one"), marks(folder.path(), "two"));
        assert!(one.sign_is_due());
        assert!(!one.sign_is_due());
        assert!(two.sign_is_due());
        let file = create(&one.path("sign")).unwrap();
        file.set_modified(SystemTime::now() - EACH).unwrap();
        assert!(one.sign_is_due());
        assert!(!one.sign_is_due());

        assert!(one.first_time(&["item", "1"]));
        assert!(!one.first_time(&["item", "1"]));
        assert!(one.first_time(&["item", "2"]));
        assert!(two.first_time(&["item", "1"]));

        let waiter = one.only_waiter().unwrap();
        assert!(one.only_waiter().is_none());
        assert!(two.only_waiter().is_some());
        drop(waiter);
        assert!(one.only_waiter().is_some());

        one.keep_database(Path::new("/data/a.db"));
        assert_eq!(one.database(), Some(PathBuf::from("/data/a.db")));
        assert_eq!(two.database(), None);
        let ann = (
            AgentId::parse("ann b").unwrap(),
            SessionId::parse("7f3e").unwrap(),
        );
        one.keep_callers(std::slice::from_ref(&ann));
        assert_eq!((one.callers(), two.callers()), (vec![ann], Vec::new()));

        let file = create(&one.path("sign")).unwrap();
        file.set_modified(SystemTime::now() - KEEP - EACH).unwrap();
        let other = folder.path().join("7-entry.json");
        create(&other).unwrap();
        one.sweep();
        assert!(!one.path("sign").exists() && two.path("sign").exists());
        assert!(other.exists());
    }
}
