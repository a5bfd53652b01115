//! The store in a PostgreSQL database, shared by any number of processes on any number of machines.
//!
//! One connection per process writes, behind the batching writer; a few others read, and one listens for the writes of other
//! processes. Every writing transaction begins by locking the one row of `meta` (`session`), so that instances write one after the
//! other. No state is kept in a session between transactions, so that each may run on another connection, as behind PgBouncer in
//! transaction mode.

mod backend;
mod change_notifier;
mod claims_of_pull;
pub mod dump;
mod error;
mod guard;
mod load;
mod open;
mod options;
mod place;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod query_plan_tests;
mod readers;
mod session;
mod statement;
mod store;
mod write;

pub use self::options::PostgresOptions;
pub use self::store::{Identity, PostgresDatabase, PostgresStore};
