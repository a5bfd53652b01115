//! The time-outs of claims.

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::policy::Policy;
use crate::domain::time::{Millis, StoreTime, Timestamp};

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
    let silent = claim.alive_at() <= time.silent_since(patience(claim.status, policy)?);
    let end = if claim.status == ClaimStatus::Stale {
        Expiry::IsReleased
    } else {
        Expiry::GoesStale
    };
    silent.then_some(end)
}

/// When the claim goes stale without a sign of life. For a stale one: when it went stale. `None` for one that never does.
pub fn stale_at(claim: &Claim, policy: &Policy) -> Option<Timestamp> {
    match claim.status {
        ClaimStatus::Stale => {
            let mut marks = claim.history.iter().rev();
            let mark = marks.find(|entry| entry.status == ClaimStatus::Stale);
            Some(mark.map_or(claim.last_updated, |mark| mark.timestamp))
        }
        ClaimStatus::Closed | ClaimStatus::Released => None,
        ClaimStatus::Claimed
        | ClaimStatus::InProgress
        | ClaimStatus::PrSubmitted
        | ClaimStatus::PrMerged => {
            patience(claim.status, policy).map(|patience| claim.alive_at().plus(patience))
        }
    }
}

/// From when on another agent may take over a stale claim: it has been stale, and without a sign of life, for
/// `TAKEOVER_AFTER_MINUTES`. `None` for one that is not stale, or if nobody may.
pub fn may_be_taken_over_at(claim: &Claim, policy: &Policy) -> Option<Timestamp> {
    let after = policy.sessions.takeover_after?;
    (claim.status == ClaimStatus::Stale).then(|| claim.alive_at().plus(after))
}
