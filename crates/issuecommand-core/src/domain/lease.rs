//! Leases: which process does the background work.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// One lease as the store has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// The process that has it.
    pub holder: String,
    /// Grows whenever it changes hands or was left to run out: a paused holder finds an older number on waking.
    pub epoch: i64,
    /// When it runs out.
    pub until: Timestamp,
}

/// What background work shows to be allowed to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseProof {
    /// What it is for.
    pub name: String,
    /// The process that has it.
    pub holder: String,
    /// The number under which it was taken.
    pub epoch: i64,
}

/// What became of an attempt to take a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseOutcome {
    /// It is ours.
    Ours(LeaseProof),
    /// It is another's until then.
    Theirs {
        /// When it runs out.
        until: Timestamp,
    },
}

impl Lease {
    /// Whether the one who shows this still has it.
    pub fn honours(&self, proof: &LeaseProof, now: Timestamp) -> bool {
        self.holder == proof.holder && self.epoch == proof.epoch && now < self.until
    }
}
