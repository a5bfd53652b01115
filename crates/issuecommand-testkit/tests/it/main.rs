//! What others rely on in the testkit, tested from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod archive;
mod conformance_memory;
mod demo_data;
mod github;
#[cfg(unix)]
mod postgres;
mod raw;
