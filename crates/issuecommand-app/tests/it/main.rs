//! The parts put together: a real SQLite file, real sockets, the GitHub emulator behind the real client.
#![allow(clippy::unwrap_used, reason = "tests")]

mod bad_input;
mod embedding;
mod keys;
mod mirror;
mod replay;
mod surfaces;
mod world;
