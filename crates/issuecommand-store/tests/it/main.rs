//! The writer over a backend that fails on purpose, and the forms of stored values.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod backend;
mod stored;
mod writer;
