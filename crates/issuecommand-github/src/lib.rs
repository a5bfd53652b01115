//! The GitHub adapter of core's ports: [`Rest`] uses GitHub's REST API over HTTPS or through `gh`, and [`Webhooks`] decodes
//! deliveries. Both parse the same types, so a poll and a delivery of the same event give the same value.
//!
//! This crate also handles rate limits (one budget for all callers of a client), timeouts, pagination by `Link`, validators
//! bound to one credential, redirects that never send the token to another host, and error texts without secrets.
//!
//! It deliberately has no rules about claims and stores no issues, and a missing answer proves nothing: anything that GitHub
//! did not state plainly is an error.

mod api_types;
mod closing;
mod json;
mod marker;
mod repo_policy;
mod rest;
mod webhooks;

pub use repo_policy::PolicyFile;
pub use rest::{Backend, Gh, InvalidSettings, Listing, Probe, Rest, RestSettings};
pub use webhooks::Webhooks;
