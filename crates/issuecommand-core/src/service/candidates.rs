//! Tracks the candidates that running calls check with GitHub.
//!
//! Concurrent calls check different candidates. Otherwise all would check the first one, and only one of them could get it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event as Signal, EventListener};

use crate::domain::id::IssueKey;

/// The candidates that calls of this process are checking.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    asked: Mutex<BTreeSet<IssueKey>>,
    ended: Signal,
    /// Held while a call chooses its candidate, so that the next call sees the choice.
    pub(super) choosing: async_lock::Mutex<()>,
}

impl Candidates {
    pub(super) fn busy(&self) -> BTreeSet<IssueKey> {
        self.lock().clone()
    }

    /// Reserves a candidate for one call; `None` if another call has it.
    pub(super) fn take(self: &Arc<Self>, key: IssueKey) -> Option<Asking> {
        self.lock().insert(key).then(|| Asking {
            of: Arc::clone(self),
            key,
        })
    }

    /// A listener for the end of the next check.
    pub(super) fn listen(&self) -> EventListener {
        self.ended.listen()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<IssueKey>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reservation of a candidate, until it is dropped.
#[derive(Debug)]
pub(super) struct Asking {
    of: Arc<Candidates>,
    pub(super) key: IssueKey,
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.of.lock().remove(&self.key);
        self.of.ended.notify(usize::MAX);
    }
}
