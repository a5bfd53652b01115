//! The store in one SQLite file, shared by any number of processes.
//!
//! One connection per process writes, behind the batching writer; a few others read. Every writing transaction begins with
//! `BEGIN IMMEDIATE` in `backend`. Which files may be opened is decided in `open`.

mod backend;
mod change_notifier;
mod claims_of_pull;
pub mod dump;
mod error;
mod file_id;
mod guard;
mod load;
mod open;
mod options;
mod path_error;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod query_plan_tests;
mod shm;
mod statement;
mod store;
mod write;

pub use self::file_id::file_id;
pub use self::options::{JournalMode, SqliteOptions, Synchronous};
pub use self::store::{Identity, SqliteFile, SqliteStore};

/// SQLite up to 3.51.2 can corrupt a write-ahead log that several connections checkpoint.
const LEAST_SQLITE: (u32, u32, u32) = (3, 51, 3);

const _: () = assert!(
    libsqlite3_sys::SQLITE_VERSION_NUMBER >= 3_051_003,
    "built against a SQLite that can corrupt its write-ahead log"
);
