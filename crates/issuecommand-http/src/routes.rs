//! The handlers of what is no call.

pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod webhooks;
