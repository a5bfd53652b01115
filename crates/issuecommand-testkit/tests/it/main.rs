//! The throw-away PostgreSQL, tested from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(unix)]
mod postgres;
