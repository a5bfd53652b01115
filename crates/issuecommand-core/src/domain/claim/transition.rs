//! The contract's transition table: which actor may move a claim from which status to which.

use crate::domain::claim::ClaimStatus;

/// The side that moves a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The agent that holds it.
    Agent,
    /// IssueCommand, because of time or of GitHub's facts.
    System,
}

/// A move that the table does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    /// The present status.
    pub from: ClaimStatus,
    /// The requested status.
    pub to: ClaimStatus,
    /// The side that requested it.
    pub actor: Actor,
}

/// Checks a move. `before_stale` is the former status of a stale claim, to which an agent may return.
///
/// # Errors
/// [`NotPermitted`], also for the same status, which is a heartbeat.
pub fn permit(
    from: ClaimStatus,
    to: ClaimStatus,
    actor: Actor,
    before_stale: Option<ClaimStatus>,
) -> Result<(), NotPermitted> {
    let returns = from == ClaimStatus::Stale && actor == Actor::Agent && before_stale == Some(to);
    if returns || table(from, to, actor) {
        Ok(())
    } else {
        Err(NotPermitted { from, to, actor })
    }
}

/// The statuses that this actor may move a claim to, in the contract's order.
pub fn allowed(
    from: ClaimStatus,
    actor: Actor,
    before_stale: Option<ClaimStatus>,
) -> Vec<ClaimStatus> {
    ClaimStatus::ALL
        .into_iter()
        .filter(|to| permit(from, *to, actor, before_stale).is_ok())
        .collect()
}

fn table(from: ClaimStatus, to: ClaimStatus, actor: Actor) -> bool {
    use ClaimStatus::{Claimed, Closed, InProgress, PrMerged, PrSubmitted, Released, Stale};
    match (from, actor) {
        (Claimed, Actor::Agent) => matches!(to, InProgress | Released | Stale),
        (InProgress, Actor::Agent) => matches!(to, PrSubmitted | Released | Stale),
        (PrSubmitted, Actor::Agent) => matches!(to, PrMerged | Released | Stale),
        (PrMerged, Actor::Agent) => matches!(to, Closed | Released | Stale),
        (Stale, Actor::Agent) => matches!(to, InProgress | Released),
        (Claimed | InProgress, Actor::System) => {
            matches!(to, PrSubmitted | PrMerged | Closed | Stale | Released)
        }
        (PrSubmitted, Actor::System) => matches!(to, PrMerged | Closed | Stale | Released),
        (PrMerged, Actor::System) => matches!(to, Closed | Stale | Released),
        (Stale, Actor::System) => matches!(to, PrSubmitted | PrMerged | Closed | Released),
        (Closed | Released, Actor::Agent | Actor::System) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Prints the table in the contract's form, for comparison.
    #[test]
    fn the_whole_table() {
        let mut text = String::new();
        for from in ClaimStatus::ALL {
            for actor in [Actor::Agent, Actor::System] {
                let to: Vec<&str> = allowed(from, actor, None)
                    .into_iter()
                    .map(ClaimStatus::as_str)
                    .collect();
                writeln!(text, "{from} | {actor:?} | {}", to.join(", ")).unwrap();
            }
        }
        assert_eq!(
            text,
            "claimed | Agent | in_progress, released, stale\n\
             claimed | System | pr_submitted, pr_merged, closed, released, stale\n\
             in_progress | Agent | pr_submitted, released, stale\n\
             in_progress | System | pr_submitted, pr_merged, closed, released, stale\n\
             pr_submitted | Agent | pr_merged, released, stale\n\
             pr_submitted | System | pr_merged, closed, released, stale\n\
             pr_merged | Agent | closed, released, stale\n\
             pr_merged | System | closed, released, stale\n\
             closed | Agent | \nclosed | System | \nreleased | Agent | \nreleased | System | \n\
             stale | Agent | in_progress, released\n\
             stale | System | pr_submitted, pr_merged, closed, released\n"
        );
    }

    #[test]
    fn a_stale_claim_returns_to_the_status_it_had() {
        let had = Some(ClaimStatus::PrSubmitted);
        assert!(
            permit(
                ClaimStatus::Stale,
                ClaimStatus::PrSubmitted,
                Actor::Agent,
                had
            )
            .is_ok()
        );
        assert!(permit(ClaimStatus::Stale, ClaimStatus::PrMerged, Actor::Agent, had).is_err());
        let begun = Some(ClaimStatus::InProgress);
        assert!(
            permit(
                ClaimStatus::Stale,
                ClaimStatus::InProgress,
                Actor::System,
                begun
            )
            .is_err(),
            "nobody else brings it back"
        );
        assert!(
            permit(
                ClaimStatus::Stale,
                ClaimStatus::PrSubmitted,
                Actor::Agent,
                None
            )
            .is_err()
        );
    }
}
