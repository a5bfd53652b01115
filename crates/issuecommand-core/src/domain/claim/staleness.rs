//! The time-outs of claims.

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::policy::Policy;
use crate::domain::time::{Millis, StoreTime};

/// What a sweep does with a silent claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The claim goes stale.
    GoesStale,
    /// The claim was stale for too long, so the issue becomes free.
    IsReleased,
}

/// How long a claim with this status may be silent; `None` for ever.
pub fn patience(status: ClaimStatus, policy: &Policy) -> Option<Millis> {
    match status {
        ClaimStatus::Claimed | ClaimStatus::InProgress => Some(policy.claim_timeout),
        ClaimStatus::PrSubmitted | ClaimStatus::PrMerged => Some(policy.pr_claim_timeout),
        ClaimStatus::Stale => policy.stale_auto_release,
        ClaimStatus::Closed | ClaimStatus::Released => None,
    }
}

/// What a sweep at this time does with the claim, if anything.
pub fn expiry(claim: &Claim, policy: &Policy, time: StoreTime) -> Option<Expiry> {
    let silent = claim.last_updated <= time.silent_since(patience(claim.status, policy)?);
    let end = if claim.status == ClaimStatus::Stale {
        Expiry::IsReleased
    } else {
        Expiry::GoesStale
    };
    silent.then_some(end)
}
