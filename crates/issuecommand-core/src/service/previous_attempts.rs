//! What was tried before, for the agent that has just claimed an issue.

use super::Service;
use crate::domain::attempt::Attempt;
use crate::domain::claim::Claim;

/// How many attempts an agent is told of.
const TOLD: u32 = 5;

impl Service {
    /// The latest attempts at the issue of a claim that ended without a merge, the latest first. They are optional: none if the
    /// database does not answer, and none of an issue that is known to be `untried`.
    pub async fn previous_attempts(&self, claim: &Claim, untried: bool) -> Vec<Attempt> {
        if untried {
            return Vec::new();
        }
        let attempts = self.store.attempts(claim.key(), TOLD).await;
        attempts.unwrap_or_default()
    }
}
