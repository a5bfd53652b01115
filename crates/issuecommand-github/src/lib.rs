//! GitHub as core's ports want it: [`Rest`] speaks GitHub's REST API, by HTTPS or through `gh`, [`Webhooks`] reads its deliveries. Both read
//! the same shapes, so that what a poll finds and what a delivery tells are the same value.
//!
//! What is kept here so that nobody else has to think of it: GitHub's limits (one budget for all callers of a client),
//! time-outs, pagination by `Link`, validators that belong to one credential, redirects that never carry the token to
//! another host, and error texts without secrets.
//!
//! Deliberately absent: any rule about claims, any memory of issues, and any trust in silence. What GitHub did not say
//! plainly becomes an error.

mod closing;
mod json;
mod marker;
mod rest;
mod shapes;
mod webhooks;

pub use rest::{Backend, Gh, InvalidSettings, Listing, Probe, Rest, RestSettings};
pub use webhooks::Webhooks;
