//! Handlers of requests that are no calls: the event stream, health probes and deliveries.

pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod webhooks;
