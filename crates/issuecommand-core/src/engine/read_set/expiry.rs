//! The rows that a sweep needs.

use super::ReadSet;
use crate::domain::claim::{ClaimStatus, staleness};
use crate::domain::policy::Policy;
use crate::domain::time::{StoreTime, Timestamp};

/// Active claims for a sweep to judge: of one status, with the last sign of life between two times, both inclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cutoff {
    /// The claims' status.
    pub status: ClaimStatus,
    /// The earliest time.
    pub since: Timestamp,
    /// The latest time.
    pub before: Timestamp,
}

impl ReadSet {
    pub(super) fn expired(&mut self, policy: &Policy, time: StoreTime) {
        self.expired_items = Some(time.silent_since(policy.followup_stale));
        for status in ClaimStatus::ALL {
            if let Some(patience) = staleness::patience(status, policy) {
                self.expired.insert(Cutoff {
                    status,
                    since: Timestamp(i64::MIN / 2),
                    before: time.silent_since(patience),
                });
            }
        }
        let grace = policy.sessions.grace;
        self.left_behind = grace.map(|grace| time.silent_since(grace));
        // Marks of a wrong clock carry the time at which the clock was right again.
        self.expired.extend(time.returned.map(|at| Cutoff {
            status: ClaimStatus::Stale,
            since: at,
            before: at,
        }));
    }
}
