//! Notices that the database that is open is no longer the one at its path: its file was replaced, removed or moved, its log
//! was removed, or an older copy was written over it. From then on every call is refused.
//!
//! Only `stat` is used: opening and closing a file of the database would drop the locks that SQLite holds on it in this process.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{ClockSteps, Timestamp};
use issuecommand_store::{Fence, steps_of_text};
use tracing::error;

use crate::error::unreadable;
use crate::file_id::{FileId, beside};
use crate::shm::IndexLength;

/// The place of the log's index among the files.
const INDEX: usize = 2;

/// The text for callers. It names no path, because callers need not know this machine.
const TOLD: &str = "The database file of this service was replaced, removed or moved while it was open. This process writes \
     nothing more and ends, so that it is started anew on the database that is there now. What you asked for does not count. \
     To call this process again does not help: tell your user if it does not come back, and look at get_my_work first.";

/// The files of a database as they were when it was opened.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    /// The absolute path with its symbolic links, which may lead elsewhere later.
    pub(crate) path: PathBuf,
    /// The database first; then its log and the log's index, where it has them.
    files: Vec<(PathBuf, FileId)>,
    index: IndexLength,
    /// The random id in it.
    pub(crate) id: String,
    _here: Arc<Here>,
}

/// The number of stores of this process that have each file open.
static OPEN: Mutex<BTreeMap<FileId, usize>> = Mutex::new(BTreeMap::new());

/// Counted in [`OPEN`] until it is dropped.
#[derive(Debug)]
struct Here(FileId);

impl Here {
    fn new(file: FileId) -> Self {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        *open.entry(file).or_default() += 1;
        Self(file)
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.0) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.0);
            }
        }
    }
}

/// Whether a store of this process has the file at this path open. Then it must not be opened and closed in another way, which would drop
/// the locks that SQLite holds.
pub(crate) fn is_open_here(path: &Path) -> bool {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    FileId::of(path).is_ok_and(|file| open.contains_key(&file))
}

impl Opened {
    /// Remembers the files. A connection must have read the database, so that the log and its index exist.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file at the path is not `database`, on which the connection was opened.
    pub(crate) fn new(
        path: &Path,
        database: FileId,
        has_log: bool,
        id: String,
    ) -> Result<Self, StoreError> {
        let changed = |why: &str| {
            StoreError::Unavailable(format!(
                "{} {why} while it was opened; start again",
                path.display()
            ))
        };
        let mut files = vec![(path.to_owned(), database)];
        if FileId::of(path).ok() != Some(database) {
            return Err(changed("was replaced"));
        }
        if has_log {
            // They are beside the file itself, not beside a link to it.
            let real = path.canonicalize().map_err(|_| changed("was removed"))?;
            for suffix in ["-wal", "-shm"] {
                let file = beside(&real, suffix);
                let id = FileId::of(&file).map_err(|_| changed("lost its log"))?;
                files.push((file, id));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            files,
            index: IndexLength::default(),
            id,
            _here: Arc::new(Here::new(database)),
        })
    }

    /// Each file with its identity.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&Path, FileId)> {
        self.files.iter().map(|(path, id)| (path.as_path(), *id))
    }

    /// What has changed, if anything; `Err` if that cannot be read now.
    fn changed(&self) -> Result<Option<String>, StoreError> {
        for (n, (path, known)) in self.files.iter().enumerate() {
            let meta = std::fs::metadata(path);
            let found = meta.as_ref().map(FileId::read);
            match found {
                Ok(found) if found == *known => {
                    let cut = meta.is_ok_and(|meta| n == INDEX && self.index.was_cut(path, &meta));
                    if cut {
                        return Ok(Some(format!("{} was cut short", path.display())));
                    }
                }
                Ok(_) => return Ok(Some(format!("{} was replaced", path.display()))),
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
                {
                    return Ok(Some(format!("{} is not there any more", path.display())));
                }
                Err(error) => {
                    return Err(StoreError::Unavailable(format!(
                        "{}: {error}",
                        path.display()
                    )));
                }
            }
        }
        Ok(None)
    }
}

/// Checked before every use of an open database.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub(crate) fence: Fence,
    pub(crate) opened: Opened,
}

impl Guard {
    pub(crate) fn new(opened: Opened) -> Self {
        Self {
            fence: Fence::default(),
            opened,
        }
    }

    /// Checks the files, with one `stat` each.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] once one of them was replaced or removed; [`StoreError::Unavailable`] while one cannot be read.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.fence.check()?;
        match self.opened.changed()? {
            None => Ok(()),
            Some(what) => self.give_up(&what),
        }
    }

    /// Compares the database's id and count of writes with the known ones, which is the only way to notice a copy that was written over the
    /// file in place. With a log this only shows after its checkpoint; until then the pages in the log are read.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] for another id, or for fewer writes than `seen`, the number that this process saw committed.
    pub(crate) fn same(&self, meta: &Meta, seen: i64) -> Result<(), StoreError> {
        if meta.id != self.opened.id {
            return self.give_up("it holds another database");
        }
        if meta.writes < seen {
            return self.give_up("it went back to an earlier state");
        }
        Ok(())
    }

    /// Closes the fence, because a transaction could not read `meta`.
    pub(crate) fn unreadable(&self, what: &str) -> StoreError {
        match self.give_up(&format!("it does not hold our tables any more: {what}")) {
            Err(error) => error,
            Ok(()) => StoreError::Corrupt(what.to_owned()),
        }
    }

    /// Replaces an error by the one of [`Guard::check`], if the files have changed.
    pub(crate) fn explain(&self, error: StoreError) -> StoreError {
        self.check().err().unwrap_or(error)
    }

    fn give_up(&self, what: &str) -> Result<(), StoreError> {
        if self.fence.close(TOLD) {
            let database = self.opened.path.display();
            error!(
                name: "store.fenced", %database, what,
                "the database that this process has open is no longer the one at its path: it writes nothing more and ends"
            );
            self.set_log_aside();
        }
        self.fence.check()
    }

    /// Renames our log if another file is at the path now, because SQLite would take it for that file's log. The content is kept, so that our
    /// file can be restored.
    fn set_log_aside(&self) {
        let [(path, database), logs @ ..] = &self.opened.files[..] else {
            return;
        };
        let replaced = FileId::of(path).is_ok_and(|found| found != *database);
        if !replaced {
            return;
        }
        for (path, known) in logs {
            if FileId::of(path).is_ok_and(|found| found == *known) {
                let aside = beside(path, &format!(".replaced-{}", std::process::id()));
                if let Err(error) = std::fs::rename(path, &aside) {
                    error!(name: "store.fenced", %error, log = %path.display(), "a log of the former file stays beside the new one");
                }
            }
        }
    }
}

/// The identity and the clock from the one row of `meta`.
#[derive(Clone, Debug)]
pub(crate) struct Meta {
    /// The random id.
    pub(crate) id: String,
    /// The number of writes so far.
    pub(crate) writes: i64,
    /// The time of the last write.
    pub(crate) last: Timestamp,
    /// The recorded steps of the clock.
    pub(crate) steps: ClockSteps,
}

/// A row of `last_now, database_id, writes, clock`.
type MetaRow = (i64, String, i64, Option<String>);

impl Meta {
    pub(crate) fn of(rows: Vec<MetaRow>) -> Result<Self, StoreError> {
        let (last, id, writes, clock) = rows
            .into_iter()
            .next()
            .ok_or_else(|| unreadable("the table meta is empty"))?;
        Ok(Self {
            id,
            writes,
            last: Timestamp(last),
            steps: steps_of_text(clock.as_deref())?,
        })
    }
}
