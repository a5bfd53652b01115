//! Giving a database up for good. A fence that was closed stays closed, and refuses every call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use issuecommand_core::domain::failure::StoreError;
use tokio::sync::watch;

/// Checked before every use of the database. Cheap to clone; all clones share one state.
#[derive(Clone, Debug)]
pub struct Fence(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The text for callers, once it is closed.
    told: watch::Sender<Option<String>>,
    refused: AtomicU64,
    aside: AtomicBool,
}

impl Default for Fence {
    fn default() -> Self {
        Self(Arc::new(Shared {
            told: watch::Sender::new(None),
            refused: AtomicU64::new(0),
            aside: AtomicBool::new(false),
        }))
    }
}

impl Fence {
    /// Passes while the fence is open; otherwise counts and refuses the call.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] once it is closed.
    pub fn check(&self) -> Result<(), StoreError> {
        match &*self.0.told.borrow() {
            None => Ok(()),
            Some(told) => {
                self.0.refused.fetch_add(1, Ordering::Relaxed);
                Err(StoreError::Fenced(told.clone()))
            }
        }
    }

    /// Closes it for good. `told` is for callers. Returns whether it was open; the first reason stands.
    pub fn close(&self, told: impl Into<String>) -> bool {
        self.0.told.send_if_modified(|state| {
            let open = state.is_none();
            if open {
                *state = Some(told.into());
            }
            open
        })
    }

    /// Closes it although the database is unchanged: this process stops in favour of others that use another database.
    pub fn stand_aside(&self, told: impl Into<String>) -> bool {
        let closed = self.close(told);
        if closed {
            self.0.aside.store(true, Ordering::Relaxed);
        }
        closed
    }

    /// Whether it was closed by [`Fence::stand_aside`].
    pub fn is_standing_aside(&self) -> bool {
        self.0.aside.load(Ordering::Relaxed)
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.0.told.borrow().is_some()
    }

    /// Waits until it is closed, and returns the text for callers.
    pub async fn closed(&self) -> String {
        let mut told = self.0.told.subscribe();
        match told.wait_for(Option::is_some).await {
            Ok(told) => told.clone().unwrap_or_default(),
            // The sender lives as long as `self`.
            Err(_) => std::future::pending().await,
        }
    }

    /// How many calls were refused so far.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_closes_once_and_for_good() {
        let fence = Fence::default();
        assert_eq!((fence.check(), fence.refused()), (Ok(()), 0));
        assert!(fence.clone().close("first"));
        assert!(!fence.close("second"));
        let refused = Err(StoreError::Fenced("first".to_owned()));
        assert_eq!((fence.check(), fence.refused()), (refused, 1));
        assert_eq!(fence.closed().await, "first");
    }
}
