//! The PostgreSQL store: the conformance suite, and tests of its own.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod bouncer;
mod breaking;
mod common;
mod conformance;
mod dump;
mod forgetting;
mod holding;
mod model_based;
mod opening;
mod replaced;
mod stored;
mod strangers;
mod twins;
mod unwritable;
