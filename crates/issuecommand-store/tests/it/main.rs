//! The writer over a backend that fails on purpose.
#![allow(clippy::unwrap_used, reason = "tests")]

mod backend;
mod writer;
