//! Helpers shared by the tests of several crates.
//!
//! - [`builders`]: core's values in few words.
//! - [`clock`], [`ids`]: a clock that a test sets, and ids that are the same in every run.
//! - [`http`]: the HTTP client of all tests.
//! - [`machine`]: programs that tests use where they are installed, and what a test prints when it is skipped for lack of one.
//! - [`payloads`]: GitHub's own collection of webhook payloads.
//! - `postgres`: a throw-away PostgreSQL server, and a database for each test.
//! - [`prove`]: how many rounds a proof runs.

pub mod builders;
pub mod clock;
pub mod http;
pub mod ids;
pub mod machine;
pub mod payloads;
#[cfg(unix)]
pub mod postgres;
pub mod prove;
