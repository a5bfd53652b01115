//! The emulator and its data, tested from outside.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod archive;
mod demo_data;
mod github;
mod raw;
