//! The SQLite store: the conformance suite, and tests of its own.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
mod conformance;
mod dump;
mod forgetting;
mod holding;
mod migrating;
mod model_based;
mod moving;
mod opening;
mod replaced;
mod stored;
mod talking;
