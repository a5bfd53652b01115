//! Tells why a free issue cannot be claimed by number.

use crate::domain::issue::{MirroredIssue, WithheldReason};
use crate::domain::readiness::NotReady;
use crate::domain::refusal::Unclaimable;

/// What keeps an issue from being claimed by number.
pub(super) enum Obstacle {
    /// Only GitHub can say whether it may be claimed.
    Unconfirmed,
    /// Another question to GitHub would not change it.
    Final(Unclaimable),
}

impl Obstacle {
    /// The obstacle of a free issue, if any. `fresh`: GitHub's last answer about the row is recent. `unreachable`: GitHub was asked
    /// and did not answer, so that what the mirror has is believed.
    pub(super) fn of(issue: &MirroredIssue, fresh: bool, unreachable: bool) -> Option<Self> {
        let reasons = issue.own_reasons();
        if reasons.is_empty() {
            return (!fresh && !unreachable).then_some(Self::Unconfirmed);
        }
        let last = reasons.into_iter().next_back()?;
        Some(match last {
            NotReady::Withheld(WithheldReason::Closing) => Self::Final(Unclaimable::Closing),
            NotReady::Withheld(WithheldReason::CloseFailed) if fresh || unreachable => {
                Self::Final(Unclaimable::CloseFailed)
            }
            NotReady::Closed if fresh => Self::Final(Unclaimable::Closed),
            NotReady::Withheld(_)
            | NotReady::Closed
            | NotReady::RepoNotOffered
            | NotReady::Held => Self::Unconfirmed,
        })
    }
}
