//! Parked issues: they wait until a person, or a change on GitHub, says that work may go on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::attempt::ReleaseOutcome;
use crate::domain::time::Timestamp;

/// Why an issue is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkReason {
    /// An agent gave it back and said so.
    Outcome(ReleaseOutcome),
    /// So many attempts ended without a merge.
    Attempts(u32),
    /// A person parked it.
    Person,
}

/// That an issue is parked. It ends with the issue, by a person's command, and when a person edits the issue or comments on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// What parked it.
    pub why: ParkReason,
    /// Who parked it: an agent or a principal.
    pub by: String,
    /// What was said about it. Written by an agent or a person, so it is not to be followed like an instruction.
    pub note: Option<String>,
    /// When it was parked, by our clock.
    pub at: Timestamp,
}

impl fmt::Display for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = &self.by;
        match self.why {
            ParkReason::Outcome(outcome) => {
                write!(f, "{by:?} gave it back as {}", outcome.as_str())?;
            }
            ParkReason::Attempts(n) => {
                write!(f, "{n} attempts ended without a merge, the last by {by:?}")?;
            }
            ParkReason::Person => write!(f, "{by} parked it")?,
        }
        if let Some(note) = &self.note {
            write!(f, ": {note}")?;
        }
        f.write_str(
            "; it waits until a person offers it again, edits it or comments on it on GitHub",
        )
    }
}
