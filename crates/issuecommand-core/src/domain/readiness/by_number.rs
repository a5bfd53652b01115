//! What keeps a free issue from being claimed by number.

use crate::domain::issue::{IssueState, MirroredIssue, WithheldReason};
use crate::domain::refusal::Unclaimable;

/// What keeps a free issue from being claimed by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimObstacle {
    /// Only GitHub can say whether it may be claimed.
    Unconfirmed,
    /// Another question to GitHub would not change it.
    Final(Unclaimable),
}

impl ClaimObstacle {
    /// The obstacle, if any. `fresh`: GitHub's last answer about the row is recent. `unreachable`: GitHub was asked and did not
    /// answer, so the mirror is believed.
    pub(crate) fn of(issue: &MirroredIssue, fresh: bool, unreachable: bool) -> Option<Self> {
        let closed = issue.facts.state == IssueState::Closed;
        match issue.withheld {
            Some((WithheldReason::Closing, _)) => Some(Self::Final(Unclaimable::Closing)),
            Some((WithheldReason::CloseFailed, _)) if fresh || unreachable => {
                Some(Self::Final(Unclaimable::CloseFailed))
            }
            None if closed && fresh => Some(Self::Final(Unclaimable::Closed)),
            None if !closed && (fresh || unreachable) => None,
            Some(_) | None => Some(Self::Unconfirmed),
        }
    }
}
