//! The HTTP face of IssueCommand: routes, the key, GitHub's signature, limits of size and time, and the
//! live stream of events.
//!
//! A handler takes the request apart and hands a call of `issuecommand-wire` to the executor; what the call means and how errors
//! are told is decided there, so this crate has no rule and no message of its own. It knows no store and no GitHub, only core's
//! service; what a payload of GitHub's means is for the decoder that the service was given.

mod api_key;
mod auth;
mod budget;
mod error;
mod execute;
mod extract;
mod limits;
mod metrics;
mod mount;
mod neighbour_proof;
mod openapi;
mod rejection_log;
mod request_id;
mod router;
mod routes;
mod serve;
mod session;
mod settings;
mod sse;
mod state;
mod webhook_signature;

pub use self::mount::{Mount, MountParts};
pub use self::neighbour_proof::{PROOF_HEADER, prove};
pub use self::openapi::{document, markdown, page};
pub use self::router::router;
pub use self::serve::serve;
pub use self::settings::{HttpSettings, Metrics, RateLimits, WebhookSettings};
pub use issuecommand_executor::keys::{SECRET_PREFIX, secret_hash};
pub use issuecommand_executor::limits::{LimitClock, Rate};
