//! The identity of the open database, and its fence.

use std::path::PathBuf;
use std::time::Duration;

use issuecommand_store::Fence;

use super::SqliteFile;

/// The identity of an open database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The random id in it. A copy of the file has the same.
    pub id: String,
    /// The absolute path of the file.
    pub path: PathBuf,
    /// The open files, the database first, each with its [`file_id`](crate::file_id).
    pub files: Vec<(PathBuf, String)>,
}

/// How often the files are checked while no call does.
const LOOK: Duration = Duration::from_secs(1);

impl SqliteFile {
    /// The identity of this database.
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

    /// The fence of this database. It closes when the database is no longer the one at its path.
    pub fn fence(&self) -> &Fence {
        &self.guard.fence
    }

    /// Waits until the fence is closed, and checks the files each second: each call does so itself. Returns the text for callers.
    pub async fn fenced(&self) -> String {
        let looking = async {
            loop {
                tokio::time::sleep(LOOK).await;
                // The check closes the fence; the next call gets the error.
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
