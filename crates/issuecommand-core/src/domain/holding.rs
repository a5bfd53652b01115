//! What an agent has in hand, a line each.

use serde::{Deserialize, Serialize};

use crate::domain::claim::staleness::patience;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::id::{ClaimId, IssueNumber};
use crate::domain::policy::Policy;
use crate::domain::repo_name::RepoName;
use crate::domain::session::SessionId;
use crate::domain::time::Timestamp;

/// A piece of work that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Which.
    pub what: HeldWork,
    /// Its repository.
    pub repo: RepoName,
    /// The last sign of life.
    pub alive_at: Timestamp,
    /// The session that holds it.
    pub session: Option<SessionId>,
}

/// What is held, with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldWork {
    /// A claim.
    Claim {
        /// Its id.
        id: ClaimId,
        /// Its issue.
        number: IssueNumber,
        /// Its status.
        status: ClaimStatus,
        /// When a stale one went stale.
        stale_since: Option<Timestamp>,
    },
    /// A follow-up.
    Followup {
        /// Its id.
        id: WorkItemId,
        /// Its pull request.
        number: IssueNumber,
        /// Its status.
        status: FollowupStatus,
    },
}

impl Holding {
    /// The most that is told at a time: the oldest claims and the oldest follow-ups.
    pub const MOST: usize = 7;

    /// The same as [`stale_at`](crate::domain::claim::staleness::stale_at) says of a claim. `None` for a follow-up.
    pub fn stale_at(&self, policy: &Policy) -> Option<Timestamp> {
        match &self.what {
            HeldWork::Claim {
                status: ClaimStatus::Stale,
                stale_since,
                ..
            } => stale_since.or(Some(self.alive_at)),
            HeldWork::Claim { status, .. } => {
                patience(*status, policy).map(|patience| self.alive_at.plus(patience))
            }
            HeldWork::Followup { .. } => None,
        }
    }
}

impl From<&Claim> for Holding {
    fn from(claim: &Claim) -> Self {
        let mut marks = claim.history.iter().rev();
        let mark = marks.find(|entry| entry.status == ClaimStatus::Stale);
        let is_stale = claim.status == ClaimStatus::Stale;
        Self {
            what: HeldWork::Claim {
                id: claim.id,
                number: claim.number,
                status: claim.status,
                stale_since: mark.filter(|_| is_stale).map(|mark| mark.timestamp),
            },
            repo: claim.repo_name.clone(),
            alive_at: claim.alive_at(),
            session: claim.session.clone(),
        }
    }
}

impl From<&Followup> for Holding {
    fn from(item: &Followup) -> Self {
        Self {
            what: HeldWork::Followup {
                id: item.id,
                number: item.number,
                status: item.status,
            },
            repo: item.repo_name.clone(),
            alive_at: item.alive_at(),
            session: item.session.clone(),
        }
    }
}
