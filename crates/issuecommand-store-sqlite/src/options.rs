//! The path of the database and how to open it.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// SQLite's journal modes, without those that lose claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JournalMode {
    /// Write-ahead log: readers and the writer do not wait for each other.
    #[default]
    Wal,
    /// A rollback journal, deleted after each transaction.
    Delete,
    /// The same, truncated.
    Truncate,
    /// The same, with its header overwritten.
    Persist,
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// The disk: an acknowledged claim survives a power failure.
    #[default]
    Full,
    /// With a write-ahead log, the operating system: it survives a crash of the process.
    Normal,
}

/// How to open the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The file. It is created if it does not exist; its folder must exist.
    pub path: PathBuf,
    /// How long to wait for a locked database.
    pub busy_timeout: Duration,
    /// SQLite's `journal_mode`.
    pub journal_mode: JournalMode,
    /// What a commit waits for.
    pub synchronous: Synchronous,
    /// The maximum number of reading connections, at least 1.
    pub readers: u32,
    /// Open the file even on a network or shared file system, where locks and shared memory may not hold: two processes can
    /// destroy the database there.
    pub force_network_fs: bool,
}

impl SqliteOptions {
    /// The defaults, for this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            busy_timeout: Duration::from_secs(5),
            journal_mode: JournalMode::default(),
            synchronous: Synchronous::default(),
            readers: 4,
            force_network_fs: false,
        }
    }

    /// For the connection that writes, which is also the first to open the file.
    pub(crate) fn writer(&self) -> SqliteConnectOptions {
        let journal = match self.journal_mode {
            JournalMode::Wal => SqliteJournalMode::Wal,
            JournalMode::Delete => SqliteJournalMode::Delete,
            JournalMode::Truncate => SqliteJournalMode::Truncate,
            JournalMode::Persist => SqliteJournalMode::Persist,
        };
        self.any().create_if_missing(true).journal_mode(journal)
    }

    /// For a connection that reads.
    pub(crate) fn reader(&self) -> SqliteConnectOptions {
        // Not opened read-only: such a connection cannot recover the log of a process that was killed.
        self.any().pragma("query_only", "ON")
    }

    fn any(&self) -> SqliteConnectOptions {
        let synchronous = match self.synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        };
        SqliteConnectOptions::new()
            .filename(&self.path)
            .busy_timeout(self.busy_timeout)
            .synchronous(synchronous)
            .foreign_keys(true)
            // A log that grew during a long read is truncated to 64 MiB after its checkpoint.
            .pragma("journal_size_limit", "67108864")
            // A checkpoint every 16 MiB of log: a page that many commits write is then copied once.
            .pragma("wal_autocheckpoint", "4000")
            .row_buffer_size(1024)
            .disable_statement_logging()
    }
}
