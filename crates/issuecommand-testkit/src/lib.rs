//! Everything the tests and the demo need and the product does not: a GitHub to talk to, real histories to run on,
//! believable data.
//!
//! - [`github`]: a model of GitHub ([`github::World`]), an HTTP face on it ([`github::GithubEmulator`]), and a vocabulary
//!   to change the world and to break the face on purpose.
//! - [`archive`]: real repository histories, taken as of a moment and played on.
//! - [`payloads`]: GitHub's own collection of webhook payloads.
//! - [`demo_data`]: a few repositories full of plausible issues, the same for the same seed.
//! - `postgres`: a throw-away PostgreSQL, and a database a test.
//! - [`machine`]: the programs that tests use where they are installed, and what a test says that is skipped for want of one.
//! - [`stored_database`]: a database of an earlier version that every backend must go on with.
//! - [`mod@conformance`]: what every store must do, and [`like_memory`]: that it does what the memory store does; [`builders`], [`clock`], [`ids`] and [`prove`] serve tests of core as well.
//!
//! The emulator shares no type with the client that is tested against it: it is written from GitHub's REST
//! documentation alone, so that a misreading in one is not repeated in the other.

pub mod archive;
pub mod builders;
pub mod clock;
pub mod conformance;
pub mod demo_data;
pub mod github;
pub mod ids;
pub mod like_memory;
pub mod machine;
pub mod payloads;
#[cfg(unix)]
pub mod postgres;
pub mod prove;
pub mod stored_database;
