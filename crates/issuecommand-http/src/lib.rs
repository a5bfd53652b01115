//! The HTTP face of IssueCommand: routes, the key, GitHub's signature, limits of size and time, and the
//! live stream of events.
//!
//! A handler takes the request apart and hands a call of `issuecommand-wire` to the executor; what the call means and how errors
//! are told is decided there, so this crate has no rule and no message of its own. It knows no store and no GitHub, only core's
//! service; what a payload of GitHub's means is for the decoder that the service was given.

mod auth;
mod budget;
mod error;
mod execute;
mod extract;
mod keys;
mod limits;
mod metrics;
mod neighbour;
mod proof;
mod refusals;
mod request_id;
mod router;
mod routes;
mod serve;
mod settings;
mod sse;
mod state;

pub use self::keys::{SECRET_PREFIX, secret_hash};
pub use self::neighbour::{PROOF_HEADER, prove};
pub use self::router::router;
pub use self::serve::serve;
pub use self::settings::{HttpSettings, Metrics, RateLimits, WebhookSettings};
pub use issuecommand_executor::limits::{LimitClock, Rate};
