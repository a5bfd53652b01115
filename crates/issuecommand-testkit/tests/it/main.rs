//! Tests of the temporary PostgreSQL server.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(unix)]
mod postgres;
