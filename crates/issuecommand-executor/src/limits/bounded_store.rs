//! The state of buckets for `governor`: one for each key up to a number of them, and one for all keys beyond it.

use std::collections::HashMap;
use std::hash::RandomState;

use governor::nanos::Nanos;
use governor::state::keyed::{HashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, NotKeyed, StateStore};

use super::BucketKey;

/// The keys come from outside: the hash has a secret, so that nobody can choose keys that collide.
#[derive(Debug)]
pub(super) struct BoundedStateStore {
    known: HashMapStateStore<BucketKey, RandomState>,
    most: usize,
    others: InMemoryState,
}

impl BoundedStateStore {
    pub(super) fn new(most: usize) -> Self {
        Self {
            known: HashMapStateStore::new(HashMap::default()),
            most,
            others: InMemoryState::default(),
        }
    }
}

impl StateStore for BoundedStateStore {
    type Key = BucketKey;

    fn measure_and_replace<T, F, E>(&self, key: &BucketKey, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut known = self.known.lock();
        let full = known.len() >= self.most;
        let bucket = match known.get(key) {
            Some(bucket) => bucket,
            None if full => &self.others,
            None => known.entry(*key).or_default(),
        };
        bucket.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

impl ShrinkableKeyedStateStore<BucketKey> for BoundedStateStore {
    fn retain_recent(&self, drop_below: Nanos) {
        self.known.retain_recent(drop_below);
    }

    fn shrink_to_fit(&self) {
        self.known.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.known.len()
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}
