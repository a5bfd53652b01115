//! Budgets of memory for requests under way: bodies that are not authenticated yet, and large responses that wait for their
//! readers. They bound memory whatever the number of connections.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use issuecommand_executor::limits::BucketKey;

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// A number of bytes for all callers, of which one caller may have half. A larger response is written when it is the only one, so
/// that it can be read at all. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    all: usize,
    by_caller: HashMap<BucketKey, usize>,
}

impl Budget {
    pub(crate) fn of(most: usize) -> Self {
        let used = Mutex::default();
        Self(Arc::new(Shared { most, used }))
    }

    /// A share without any byte yet.
    pub(crate) fn share(&self, caller: BucketKey) -> Share {
        Share {
            shared: self.0.clone(),
            caller,
            bytes: 0,
        }
    }
}

impl Shared {
    /// A thread that panicked within left at worst a number that is too high.
    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes that one request has of a budget. They are given back on drop.
#[derive(Debug)]
pub(crate) struct Share {
    shared: Arc<Shared>,
    caller: BucketKey,
    bytes: usize,
}

impl Share {
    /// Takes more bytes, or none of them when there is no room.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        let most = self.shared.most;
        let mut used = self.shared.used();
        let own = used.by_caller.get(&self.caller).copied().unwrap_or(0);
        let fits = used.all.saturating_add(bytes) <= most && own.saturating_add(bytes) <= most / 2;
        if !fits && used.all > 0 {
            return Err(Full);
        }
        used.all += bytes;
        used.by_caller.insert(self.caller, own + bytes);
        self.bytes += bytes;
        Ok(())
    }

    /// Gives all of it back.
    pub(crate) fn clear(&mut self) {
        let mut used = self.shared.used();
        used.all -= self.bytes;
        if let Some(own) = used.by_caller.get_mut(&self.caller) {
            *own -= self.bytes;
            if *own == 0 {
                used.by_caller.remove(&self.caller);
            }
        }
        self.bytes = 0;
    }

    /// Bytes that keep this share until the last of them is written to a socket.
    pub(crate) fn holding(self, bytes: Vec<u8>) -> Bytes {
        Bytes::from_owner(Held {
            bytes,
            _share: self,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.clear();
    }
}

struct Held {
    bytes: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_shared_and_one_caller_gets_half() {
        let budget = Budget::of(100);
        let mut first = budget.share(1);
        assert_eq!((first.grow(30), first.grow(20)), (Ok(()), Ok(())));
        assert_eq!(first.grow(1), Err(Full), "half of it");
        let mut again = budget.share(1);
        assert_eq!(again.grow(1), Err(Full), "of all requests of a caller");
        let (mut second, mut third) = (budget.share(2), budget.share(3));
        assert_eq!((second.grow(40), third.grow(11)), (Ok(()), Err(Full)));
        assert_eq!(third.grow(10), Ok(()));
        first.clear();
        assert_eq!((third.grow(11), again.grow(39)), (Ok(()), Ok(())));
        drop((first, second, third, again));
        assert_eq!(budget.0.used().all, 0);
        assert!(budget.0.used().by_caller.is_empty());
        let mut fourth = budget.share(4);
        assert_eq!(fourth.grow(1_000), Ok(()), "it is alone");
        assert_eq!(budget.share(5).grow(1), Err(Full));
    }

    #[test]
    fn bytes_hold_their_share_until_all_are_dropped() {
        let budget = Budget::of(100);
        let mut share = budget.share(1);
        share.grow(10).unwrap();
        let mut bytes = share.holding(vec![7; 10]);
        let piece = bytes.split_to(4);
        drop(bytes);
        assert_eq!(budget.0.used().all, 10);
        drop(piece);
        assert_eq!(budget.0.used().all, 0);
    }
}
