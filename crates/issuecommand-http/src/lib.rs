//! The HTTP face of IssueCommand: routes, the key, GitHub's signature, limits of size and time, and the
//! live stream of events.
//!
//! A handler takes the request apart and runs a call of `issuecommand-wire`; what it means and how a "no" is told is decided
//! there, so this crate has no rule and no message of its own. It knows no store and no GitHub, only core's service; what a
//! payload of GitHub's means is for the decoder that the service was given.

mod auth;
mod budget;
mod extract;
mod keys;
mod limits;
mod metrics;
mod neighbour;
mod proof;
mod refusals;
mod reply;
mod request_id;
mod router;
mod routes;
mod serve;
mod settings;
mod sse;
mod state;

pub use self::keys::{SECRET_PREFIX, secret_hash};
pub use self::limits::LimitClock;
pub use self::neighbour::{PROOF_HEADER, prove};
pub use self::router::router;
pub use self::serve::serve;
pub use self::settings::{HttpSettings, Metrics, Rate, RateLimits, WebhookSettings};
