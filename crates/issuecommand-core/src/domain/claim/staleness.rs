//! How long a claim may go without a sign of life.

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::policy::Policy;
use crate::domain::time::{Millis, StoreTime};

/// What time has made of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It goes stale.
    GoesStale,
    /// It has been stale for so long that the issue goes back to the others.
    IsReleased,
}

/// How long a claim of this status may stay silent; `None` where time changes nothing.
pub fn patience(status: ClaimStatus, policy: &Policy) -> Option<Millis> {
    match status {
        ClaimStatus::Claimed | ClaimStatus::InProgress => Some(policy.claim_timeout),
        ClaimStatus::PrSubmitted | ClaimStatus::PrMerged => Some(policy.pr_claim_timeout),
        ClaimStatus::Stale => policy.stale_auto_release,
        ClaimStatus::Closed | ClaimStatus::Released => None,
    }
}

/// What becomes of this claim at that time.
pub fn expiry(claim: &Claim, policy: &Policy, time: StoreTime) -> Option<Expiry> {
    let silent = claim.last_updated <= time.silent_since(patience(claim.status, policy)?);
    let end = if claim.status == ClaimStatus::Stale {
        Expiry::IsReleased
    } else {
        Expiry::GoesStale
    };
    silent.then_some(end)
}
