//! The identity of a file, whatever its name, and SQLite's names for the files beside a database.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Device and inode. While a process has the file open, no other file can get the same. On systems without inodes the time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// Of the file at a path, or of the target of a symbolic link.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|meta| Self::read(&meta))
    }

    #[cfg(unix)]
    pub(crate) fn read(meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(meta.dev(), meta.ino())
    }

    #[cfg(not(unix))]
    pub(crate) fn read(meta: &Metadata) -> Self {
        let made = meta.created().ok();
        let made = made.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let nanos = made.map_or(0, |since| since.as_nanos());
        Self(0, u64::try_from(nanos).unwrap_or(0))
    }

    #[cfg(test)]
    pub(crate) fn with_inode(inode: u64) -> Self {
        Self(0, inode)
    }

    /// The inode number.
    pub(crate) fn inode(self) -> u64 {
        self.1
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{:x}", self.0, self.1)
    }
}

/// The identity of the file at a path as a text to compare; `None` without a file.
pub fn file_id(path: &Path) -> Option<String> {
    FileId::of(path).ok().map(|id| id.to_string())
}

/// The path with a suffix, as SQLite names the files beside a database.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
