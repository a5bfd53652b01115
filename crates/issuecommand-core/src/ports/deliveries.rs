//! The port for GitHub's webhook payloads, whose JSON core does not know.

use std::fmt;

use crate::domain::webhook::{Delivery, GithubEvent};

/// Reads deliveries. Implemented where GitHub's payloads are known.
pub trait DeliveryDecoder: Send + Sync + fmt::Debug {
    /// What a delivery means. A payload that cannot be used is [`GithubEvent::Ignored`]; the shape decides, not the event's name
    /// alone, since headers are not signed.
    ///
    /// # Errors
    /// [`BadDelivery`] when the body is not a JSON object.
    fn decode(&self, delivery: &Delivery, body: &[u8]) -> Result<GithubEvent, BadDelivery>;
}

/// Why a body is no delivery at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDelivery {
    /// JSON, but not an object.
    #[error("payload_must_be_an_object")]
    NotAnObject,
    /// Not JSON; the parser's words.
    #[error("{0}")]
    NotJson(String),
}
