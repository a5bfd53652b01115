//! GitHub as core's port [`issuecommand_core::github::GitHub`] wants it: [`Rest`] speaks GitHub's REST API with a token.
//!
//! What is kept here so that nobody else has to think of it: GitHub's limits (one budget for all callers of a client),
//! time-outs, pagination by `Link`, validators that belong to one credential, redirects that never carry the token to
//! another host, and error texts without secrets.
//!
//! Deliberately absent: any rule about claims, any memory of issues, and any trust in silence. What GitHub did not say
//! plainly becomes an error.

mod rest;

pub use rest::{BadSettings, Rest, RestSettings};
