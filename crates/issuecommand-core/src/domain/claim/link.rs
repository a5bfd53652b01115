//! What ties a claim to its pull request: who says so, and what is needed to undo it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Actor, ClaimStatus};
use crate::domain::id::{IssueNumber, PullKey};

/// Who says that a pull request is a claim's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkOrigin {
    /// Its agent named it.
    Agent,
    /// GitHub's facts suggest it.
    Derived,
}

impl LinkOrigin {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Derived => "derived",
        }
    }
}

/// How far a claim has followed its pull request. Each step is made once for a link, so that an agent that went elsewhere
/// afterwards is left where it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Followed {
    /// Nothing yet.
    #[default]
    Nothing,
    /// It was opened.
    Opened,
    /// It was merged.
    Merged,
}

/// A pull request that an agent named, with its address as it was given.
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
    /// Who says so.
    pub origin: LinkOrigin,
    /// How far the claim has followed it.
    #[serde(default)]
    pub followed: Followed,
    /// The status that the claim had before something derived moved it; `None` unless its status is a derived one.
    #[serde(default)]
    pub before: Option<ClaimStatus>,
    /// Other open pull requests that close the same issue, of which the holder was told; the first of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rivals: BTreeSet<IssueNumber>,
    /// The agent's pull request whose place this derived one has taken, because that was closed without a merge.
    #[serde(default)]
    pub replaces: Option<Box<NamedPull>>,
    /// GitHub did not show the pull request when it was asked last, though it showed its repository.
    #[serde(default)]
    pub missing: bool,
}

impl Link {
    /// A link that has moved nothing.
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

    /// The claim goes to another status. `before_stale` is the status that it had when it went stale.
    pub(crate) fn on_move(
        &mut self,
        before_stale: Option<ClaimStatus>,
        to: ClaimStatus,
        actor: Actor,
    ) {
        match (actor, to) {
            // What an agent says is derived no longer. Of a pull request that it says waits the merge is still to come.
            (Actor::Agent, ClaimStatus::PrSubmitted) => {
                self.before = None;
                self.followed = self.followed.min(Followed::Opened);
            }
            // It may return to a derived status, which is derived still. One that was stale before is stale once only.
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
