//! Leases: the right of one process to do the background work.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// A lease in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The work that it is for.
    pub name: String,
    /// The process that holds it.
    pub holder: String,
    /// Grows when the lease changes hands or had expired, so that a paused holder notices on waking.
    pub epoch: i64,
    /// When it expires.
    pub until: Timestamp,
}

/// Proof of a lease, which background work presents with its writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseProof {
    /// The lease's name.
    pub name: String,
    /// The process that holds it.
    pub holder: String,
    /// The epoch at which it was acquired.
    pub epoch: i64,
}

/// The result of an attempt to acquire a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseOutcome {
    /// This process holds it.
    Ours(LeaseProof),
    /// Another process holds it.
    Theirs {
        /// When it expires.
        until: Timestamp,
    },
}

impl Lease {
    /// Whether the holder of this proof still has the lease.
    pub fn honours(&self, proof: &LeaseProof, now: Timestamp) -> bool {
        self.holder == proof.holder && self.epoch == proof.epoch && now < self.until
    }
}
