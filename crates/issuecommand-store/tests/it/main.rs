//! The writer over a backend that fails on purpose, and the forms of stored values.
#![allow(clippy::unwrap_used, reason = "tests")]

mod backend;
mod stored;
mod writer;
