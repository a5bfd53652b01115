//! The link between a claim and its pull request: its origin, and how to undo it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Actor, ClaimStatus};
use crate::domain::id::{IssueNumber, PullKey};

/// The origin of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkOrigin {
    /// The agent named the pull request.
    Agent,
    /// GitHub's facts suggest it.
    Derived,
}

impl LinkOrigin {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Derived => "derived",
        }
    }
}

/// How far a claim has followed its pull request. Each step is made once per link, so that an agent that moved on afterwards is
/// not moved again.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Followed {
    /// No step yet.
    #[default]
    Nothing,
    /// The pull request was opened.
    Opened,
    /// The pull request was merged.
    Merged,
}

/// A pull request that an agent named, with its address as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPull {
    /// The claim's `pr_url`.
    pub url: String,
    /// The claim's `pull`.
    pub pull: Option<PullKey>,
}

/// The link of a claim that has a `pr_url`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The origin of the link.
    pub origin: LinkOrigin,
    /// How far the claim has followed it.
    #[serde(default)]
    pub followed: Followed,
    /// The status before a derived move; `None` unless the present status is derived.
    #[serde(default)]
    pub before: Option<ClaimStatus>,
    /// Competing pull requests that the holder was told of, up to the limit of the notice.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rivals: BTreeSet<IssueNumber>,
    /// The agent's pull request that this derived one replaced, because it was closed without a merge.
    #[serde(default)]
    pub replaces: Option<Box<NamedPull>>,
    /// Whether the last poll found the repository but not the pull request.
    #[serde(default)]
    pub missing: bool,
}

impl Link {
    /// A link that has moved nothing yet.
    pub fn new(origin: LinkOrigin) -> Self {
        Self {
            origin,
            followed: Followed::Nothing,
            before: None,
            rivals: BTreeSet::new(),
            replaces: None,
            missing: false,
        }
    }

    /// Updates the link when the claim changes its status. `before_stale` is the claim's status before it went stale.
    pub(crate) fn on_move(
        &mut self,
        before_stale: Option<ClaimStatus>,
        to: ClaimStatus,
        actor: Actor,
    ) {
        match (actor, to) {
            // An agent's move is not derived. After `pr_submitted` the merge is still to be followed.
            (Actor::Agent, ClaimStatus::PrSubmitted) => {
                self.before = None;
                self.followed = self.followed.min(Followed::Opened);
            }
            // It may return to its derived status, which then is still derived. A stale status before it is not kept twice.
            (Actor::Agent | Actor::System, ClaimStatus::Stale) => {
                let again = self.before == Some(ClaimStatus::Stale);
                self.before = if again { before_stale } else { self.before };
            }
            (
                Actor::Agent,
                ClaimStatus::Claimed
                | ClaimStatus::InProgress
                | ClaimStatus::PrMerged
                | ClaimStatus::Closed
                | ClaimStatus::Released,
            ) => self.before = None,
            (
                Actor::System,
                ClaimStatus::Claimed
                | ClaimStatus::InProgress
                | ClaimStatus::PrSubmitted
                | ClaimStatus::PrMerged
                | ClaimStatus::Closed
                | ClaimStatus::Released,
            ) => {}
        }
    }
}
