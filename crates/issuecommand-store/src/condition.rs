//! Whether the database could be written to when this process last tried.

use std::sync::{Arc, Mutex, PoisonError};

use issuecommand_core::failure::{StoreError, Unwritable};
use tracing::{error, info};

/// Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteCondition(Arc<Mutex<Option<Unwritable>>>);

impl WriteCondition {
    pub(crate) fn unwritable(&self) -> Option<Unwritable> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a commit, or of an error that was met.
    pub(crate) fn tried(&self, result: Result<(), &StoreError>) {
        let (now, detail) = match result {
            Ok(()) => (None, ""),
            Err(StoreError::Unwritable { why, detail }) => (Some(*why), detail.as_str()),
            // Says nothing of it.
            Err(
                StoreError::Busy(_)
                | StoreError::Unavailable(_)
                | StoreError::OutcomeUnknown(_)
                | StoreError::Fenced(_)
                | StoreError::Corrupt(_)
                | StoreError::NewerSchema { .. },
            ) => return,
        };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *state, now);
        if before == now {
            return;
        }
        if let Some(why) = now {
            error!(
                name: "store.unwritable", %why, detail,
                "the database cannot be written to: what only reads is answered, all else is refused until it can"
            );
        } else {
            info!(name: "store.writable", "the database can be written to again");
        }
    }
}
