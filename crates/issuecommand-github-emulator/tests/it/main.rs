//! The emulator and its data, tested from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod archive;
mod demo_data;
mod github;
mod raw;
