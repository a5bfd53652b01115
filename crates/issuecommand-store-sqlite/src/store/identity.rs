//! Which database a store has open, and the end of that.

use std::path::PathBuf;
use std::time::Duration;

use issuecommand_store::Fence;

use super::SqliteFile;

/// Which database a store has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The random id in it, which a copy of the file has too.
    pub id: String,
    /// The absolute path of the file.
    pub path: PathBuf,
    /// The files that are open, the database first, each with what [`file_id`](crate::file_id) says of it.
    pub files: Vec<(PathBuf, String)>,
}

/// How often the files are looked at while nothing is asked of the database.
const LOOK: Duration = Duration::from_millis(250);

impl SqliteFile {
    /// Which database this is.
    pub fn identity(&self) -> Identity {
        let opened = &self.guard.opened;
        Identity {
            id: opened.id.clone(),
            path: opened.path.clone(),
            files: opened
                .files()
                .map(|(path, id)| (path.to_owned(), id.to_string()))
                .collect(),
        }
    }

    /// The fence before this database. It closes by itself when the database is no longer the one at its path.
    pub fn fence(&self) -> &Fence {
        &self.guard.fence
    }

    /// Waits until the fence is closed, looking at the files a few times a second, and returns what callers are told.
    pub async fn fenced(&self) -> String {
        let looking = async {
            loop {
                tokio::time::sleep(LOOK).await;
                // Noticing is all that is wanted; whoever calls gets the error.
                if !self.guard.fence.is_closed() {
                    let _ = self.guard.check();
                }
            }
        };
        tokio::select! {
            told = self.guard.fence.closed() => told,
            () = looking => String::new(),
        }
    }
}
