//! What identifies a file whatever its name is, and how SQLite names the files beside a database.

use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Device and inode. A file that a process has open keeps them for itself, so that no later file can have the same. Where
/// there are none, the moment at which the file was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// Of the file at a path, or of what a symbolic link there leads to.
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

    /// The number of the inode.
    pub(crate) fn inode(self) -> u64 {
        self.1
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{:x}", self.0, self.1)
    }
}

/// What identifies the file at a path, as text that can be compared; `None` where there is none.
pub fn file_id(path: &Path) -> Option<String> {
    FileId::of(path).ok().map(|id| id.to_string())
}

/// The path with a suffix, as SQLite names the files beside a database.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
