//! What a sweep must see.

use super::ReadSet;
use crate::domain::claim::{ClaimStatus, staleness};
use crate::domain::policy::Policy;
use crate::domain::time::{StoreTime, Timestamp};

/// Active claims that a sweep must judge: those of a status that were last updated between two moments, both included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cutoff {
    /// The status.
    pub status: ClaimStatus,
    /// The first moment.
    pub since: Timestamp,
    /// The last moment.
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
        // What a wrong clock marked is dated to the moment at which the clock was right again.
        self.expired.extend(time.returned.map(|at| Cutoff {
            status: ClaimStatus::Stale,
            since: at,
            before: at,
        }));
    }
}
