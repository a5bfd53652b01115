//! The settings that tell sessions apart.

use crate::domain::time::Millis;

/// How sessions are told apart, named as in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// `SESSION_ALIVE_MINUTES`: how long after it was last heard a session keeps what it holds from other sessions of its name. 0:
    /// sessions are not told apart.
    pub alive: Millis,
    /// `TAKEOVER_AFTER_MINUTES`: how long a claim must have been without a sign of life while stale until another agent may take it
    /// over; `None` for never.
    pub takeover_after: Option<Millis>,
    /// `SESSION_GRACE_MINUTES`: how long after its client said that it is over a session keeps its claims without a pull request;
    /// `None` for as long as they do not go stale.
    pub grace: Option<Millis>,
}

impl SessionPolicy {
    /// A sign of life of a claim is written at most this often.
    pub const SIGN_EACH: Millis = Millis::minutes(1);
    /// How long sessions are kept after they were last heard.
    pub(crate) const KEEP: Millis = Millis::minutes(7 * 24 * 60);
    /// How long agents without an active claim are kept after they were last heard.
    pub(crate) const KEEP_AGENT: Millis = Millis::minutes(30 * 24 * 60);
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            alive: Millis::minutes(10),
            takeover_after: Some(Millis::minutes(60)),
            grace: Some(Millis::minutes(10)),
        }
    }
}
