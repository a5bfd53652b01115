//! The index of the log (`-shm`), which SQLite maps into memory. If the file is truncated, the next access to the missing part ends the
//! process by SIGBUS, which safe code cannot catch. Therefore its length is checked before SQLite is used, and the missing part is
//! restored as zeros. A window of some microseconds remains between the check and SQLite's access.

use std::fs::{Metadata, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::error;

/// The greatest length seen of the index. SQLite never shortens it while a process has it open.
#[derive(Clone, Debug, Default)]
pub(crate) struct IndexLength(Arc<AtomicU64>);

impl IndexLength {
    /// Whether it was truncated. Then its length is restored, so that the mapped memory is complete.
    pub(crate) fn was_cut(&self, path: &Path, meta: &Metadata) -> bool {
        let known = self.0.fetch_max(meta.len(), Ordering::Relaxed);
        if meta.len() >= known {
            return false;
        }
        // Closing this handle drops the locks that SQLite holds on the file in this process, which does not use the database any more.
        let mended = OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|file| file.set_len(known));
        if let Err(error) = mended {
            error!(name: "store.fenced", %error, index = %path.display(), "what was cut from the index could not be put back");
        }
        true
    }
}
