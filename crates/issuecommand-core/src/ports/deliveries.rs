//! The port for decoding webhook payloads. Core does not know GitHub's JSON.

use std::fmt;

use crate::domain::webhook::{Delivery, GithubEvent};

/// Decodes deliveries. The implementation belongs to the crate that knows GitHub's payloads.
pub trait DeliveryDecoder: Send + Sync + fmt::Debug {
    /// Decodes a delivery. A payload that cannot be used gives [`GithubEvent::Ignored`]. The payload's shape decides as well as
    /// the event's name, because GitHub does not sign headers.
    ///
    /// # Errors
    /// [`BadDelivery`] when the body is not a JSON object.
    fn decode(&self, delivery: &Delivery, body: &[u8]) -> Result<GithubEvent, BadDelivery>;
}

/// Why a body cannot be decoded at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDelivery {
    /// JSON, but not an object.
    #[error("payload_must_be_an_object")]
    NotAnObject,
    /// Not JSON, with the parser's message.
    #[error("{0}")]
    NotJson(String),
}
