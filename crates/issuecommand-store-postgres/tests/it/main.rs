//! The PostgreSQL store: the suite that every store passes, and what is its own.
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
