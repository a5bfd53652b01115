//! Claims in refusals, as they are shown.

use super::Service;
use crate::domain::claim::staleness;
use crate::domain::refusal::Refusal;

impl Service {
    /// The refusal as it is shown.
    pub(super) fn shown_refusal(&self, mut refusal: Refusal) -> Refusal {
        match &mut refusal {
            Refusal::AlreadyClaimed { claim, .. }
            | Refusal::AgentMismatch { claim, .. }
            | Refusal::InvalidTransition { claim, .. }
            | Refusal::PrUrlRequired { claim } => {
                claim.stale_at = staleness::stale_at(claim, &self.policy);
            }
            Refusal::InvalidIssue { .. }
            | Refusal::NotReady { .. }
            | Refusal::NothingEligible
            | Refusal::NothingAmongRead { .. }
            | Refusal::Paused { .. }
            | Refusal::AtCapacity { .. }
            | Refusal::ClaimNotFound { .. }
            | Refusal::FollowupNotFound { .. }
            | Refusal::FollowupMismatch { .. }
            | Refusal::FollowupTransition { .. }
            | Refusal::IdempotencyMismatch
            | Refusal::AgentNotAllowed { .. }
            | Refusal::ReadOnlyKey
            | Refusal::KeyEnded
            | Refusal::SessionNotAllowed
            | Refusal::CallerLeft => {}
        }
        refusal
    }
}
