//! Notifications out: Standard Webhooks for programs, and short messages for people.
//!
//! The event log is the outbox: an event is committed with its change. For each endpoint one process, which holds the endpoint's lease,
//! reads the events after the endpoint's place, and stores the notifications of them with the new place in one transaction. Then it
//! sends what is due, and stores what came of it. So a process that is killed in between loses nothing, and what is sent twice has the
//! same id.
//!
//! `message`, `text`, `webhook`, `shape`, `address`, `concern`, `endpoint` and `plan` are pure. `send` sends one notification, `worker`
//! does the work of an endpoint.

mod address;
mod concern;
mod endpoint;
mod message;
mod plan;
mod send;
mod shape;
mod text;
mod webhook;
mod worker;

pub use self::address::is_public;
pub use self::concern::Concern;
pub use self::endpoint::{
    EndpointSettings, KINDS, QuietHours, ReadError, Route, Subscription, Table, Topic, check_name,
};
pub use self::message::{Message, Tone};
pub use self::plan::{Planned, Situation, WINDOW, plan, test_notification};
pub use self::send::{Reach, Sender, TIMEOUT};
pub use self::shape::{Desktop, Preset, Shaped, desktop, shape};
pub use self::webhook::{Secret, headers};
pub use self::worker::{ConcernSource, Notifier};
