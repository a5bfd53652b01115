//! One file for each part of the URL tree, and the rules for all of them.

mod bad_input;
mod claims;
mod doors;
mod events;
mod explain;
mod failures;
mod followups;
mod health;
mod histories;
mod idempotency;
mod issues;
mod keys;
mod metrics;
mod next;
mod people;
mod reads;
mod sessions;
mod sse;
mod sync;
mod warnings;
pub(crate) mod webhooks;

pub(crate) use self::webhooks::signature;
