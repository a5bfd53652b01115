//! Actions on endpoints and their notifications.

use crate::domain::event::Seq;
use crate::domain::notification::{Notification, NotificationKey, SendOutcome};

/// What is to be done with an endpoint or a notification. Nothing happens to those that the store does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyAction {
    /// Adds an endpoint if its name is new. An event up to `cursor` leads to no notification.
    AddEndpoint {
        /// Its name.
        name: String,
        /// Its kind.
        kind: String,
        /// Its place in the event log.
        cursor: Seq,
    },
    /// Removes an endpoint with its notifications.
    RemoveEndpoint {
        /// Its name.
        name: String,
        /// The ids of its notifications.
        notifications: Vec<String>,
    },
    /// Moves an endpoint's place in the event log, with the notifications made on the way, all or nothing.
    Plan {
        /// The endpoint's name.
        endpoint: String,
        /// Its place when the events were read. If it has moved since, nothing happens.
        from: Seq,
        /// Its place from now on.
        to: Seq,
        /// What it was told and is not over.
        told: String,
        /// The notifications. They replace those with the same ids.
        notifications: Vec<Notification>,
    },
    /// Records an attempt to send a notification.
    Settle {
        /// The notification's key.
        key: NotificationKey,
        /// How often it was tried before. If it was tried again since, nothing happens.
        attempts: u32,
        /// What came of it.
        outcome: SendOutcome,
        /// 0 to 999, for the length of the wait.
        random: u32,
    },
    /// Sends to an endpoint again.
    Enable {
        /// Its name.
        endpoint: String,
        /// Its place in the event log from now on; `None`: as it is.
        cursor: Option<Seq>,
    },
    /// Sends a notification once more, whatever came of it, at once.
    Replay(NotificationKey),
}
