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

/// Proof of a lease, which background work presents with its writes. Only `Lease::proof` makes one, or a stored answer that is
/// read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseProof {
    name: String,
    holder: String,
    epoch: i64,
}

impl LeaseProof {
    /// The lease's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process that holds it.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The epoch at which it was acquired.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }
}

/// The result of an attempt to acquire a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseOutcome {
    /// This process holds it.
    #[serde(rename = "Ours")]
    Acquired(LeaseProof),
    /// Another process holds it.
    #[serde(rename = "Theirs")]
    Held {
        /// When it expires.
        until: Timestamp,
    },
}

impl Lease {
    /// The proof for the process that has just acquired or renewed it.
    pub(crate) fn proof(&self) -> LeaseProof {
        LeaseProof {
            name: self.name.clone(),
            holder: self.holder.clone(),
            epoch: self.epoch,
        }
    }

    /// Whether the holder of this proof still has the lease.
    pub fn honours(&self, proof: &LeaseProof, now: Timestamp) -> bool {
        self.holder == proof.holder && self.epoch == proof.epoch && now < self.until
    }
}
