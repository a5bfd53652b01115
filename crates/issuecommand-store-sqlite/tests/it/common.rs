//! A store on a file of its own.

use std::path::PathBuf;
use std::sync::Arc;

use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_store_sqlite::{SqliteOptions, SqliteStore};
use issuecommand_testkit::clock::TestClock;
use tempfile::TempDir;

/// A temporary folder.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The database in it.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.path().join("issues.db")
    }

    pub(crate) fn options(&self) -> SqliteOptions {
        SqliteOptions::new(self.file())
    }

    pub(crate) async fn open_with(&self, policy: Policy, clock: Arc<dyn Clock>) -> SqliteStore {
        self.options().open(policy, clock).await.unwrap()
    }

    pub(crate) async fn open(&self) -> SqliteStore {
        self.open_with(Policy::default(), Arc::new(TestClock::default()))
            .await
    }
}
