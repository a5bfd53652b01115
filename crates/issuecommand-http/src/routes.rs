//! The table of routes, and handlers of requests that are no calls: the event stream, health probes, deliveries, the document.

pub(crate) mod address;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod table;
pub(crate) mod webhooks;
