//! What is sent to a receiver on this machine, and what comes of it.
#![allow(clippy::disallowed_methods, reason = "receivers run beside the tests")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod receiver;
mod sending;
