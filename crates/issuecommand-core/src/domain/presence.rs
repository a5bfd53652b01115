//! Whether the sender of a request still waits for its answer.

use std::fmt;
use std::sync::Arc;

/// Tells whether the sender of a request has left: it cancelled the request, hung up, or was answered that it took too long. It is
/// no part of what was asked for, so any two are equal.
#[derive(Clone, Default)]
pub struct Presence(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Presence {
    /// Of a sender that has left once `left` is true, which it then stays.
    pub fn until(left: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(left)))
    }

    /// Whether the sender has left. A sender that nobody watches never does.
    pub fn has_left(&self) -> bool {
        self.0.as_ref().is_some_and(|left| left())
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.has_left() { "left" } else { "there" };
        write!(f, "Presence({state})")
    }
}

impl PartialEq for Presence {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Presence {}
