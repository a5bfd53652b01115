//! The index of the log (`-shm`), which SQLite maps into memory: where somebody cuts the file short, the next touch of what is
//! missing ends the process by a signal (SIGBUS), which safe code cannot catch. So its length is looked at before SQLite is
//! used, and what is missing is put back as zeros before anything touches it. Between that look and SQLite's touch there
//! remain some microseconds.

use std::fs::{Metadata, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::error;

/// The longest that the index was seen to be. SQLite makes it longer and never shorter while anybody has it open.
#[derive(Clone, Debug, Default)]
pub(crate) struct IndexLength(Arc<AtomicU64>);

impl IndexLength {
    /// Whether it was cut short. Then it has its length again, so that no memory of this process is missing.
    pub(crate) fn was_cut(&self, path: &Path, meta: &Metadata) -> bool {
        let known = self.0.fetch_max(meta.len(), Ordering::Relaxed);
        if meta.len() >= known {
            return false;
        }
        // Closing this handle drops the locks that SQLite holds on the file in this process. It is not used any more.
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
