//! Answers that are kept for requests with an idempotency key.

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::domain::id::Principal;
use crate::domain::time::Timestamp;

/// The stored answer to a request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// The caller. Principals have separate keys.
    pub principal: Principal,
    /// The key that the caller chose.
    pub key: String,
    /// A digest of the request.
    pub request: String,
    /// The answer to repeat.
    pub answer: Answer,
    /// When the answer was given.
    pub at: Timestamp,
}
