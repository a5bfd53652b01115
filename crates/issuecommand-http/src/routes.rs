//! The handlers, in files by what they are about.

pub(crate) mod claims;
pub(crate) mod events;
pub(crate) mod followups;
pub(crate) mod health;
pub(crate) mod issues;
pub(crate) mod next;
pub(crate) mod repos;
pub(crate) mod sync;
pub(crate) mod webhooks;
