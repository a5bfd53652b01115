//! Candidates that GitHub is asked about before they are handed out, and who asks about which.
//!
//! Calls that run at the same time ask about different candidates: otherwise all of them would ask about the first one, and
//! all but one would have asked in vain.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::{Event as Signal, EventListener};

use crate::domain::id::IssueKey;

/// The candidates that calls of this process ask about at this moment.
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

    /// Takes a candidate for one call; `None` where another call has it.
    pub(super) fn take(self: &Arc<Self>, key: IssueKey) -> Option<Asking> {
        self.lock().insert(key).then(|| Asking {
            of: Arc::clone(self),
            key,
        })
    }

    /// Hears of the next call that ends its asking.
    pub(super) fn listen(&self) -> EventListener {
        self.ended.listen()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<IssueKey>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call asks about this candidate until this is dropped.
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
