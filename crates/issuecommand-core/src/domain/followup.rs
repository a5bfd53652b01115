//! A follow-up: review feedback on one pull request that waits for, or is with, the one agent that answers it.

pub mod concerns;
pub mod feedback_event;
pub mod status;
pub mod transition;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::concerns::Concerns;
pub use self::feedback_event::{
    FeedbackEvent, KnownSource, Resolution, Side, SourceFacts, SourceId, SourceKind, ThreadState,
    bounded_hunk,
};
pub use self::status::FollowupStatus;
pub use self::transition::NotPermitted;
use crate::domain::id::{AgentId, ClaimId, IssueNumber, PullKey, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// Names one follow-up, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkItemId(pub Uuid);

impl std::fmt::Display for WorkItemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One line of a follow-up's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowupEntry {
    /// The status it came to.
    pub status: FollowupStatus,
    /// When.
    pub timestamp: Timestamp,
    /// Why.
    pub note: Option<String>,
}

/// The claim that a pull request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestOwner {
    /// The claim.
    pub claim: ClaimId,
    /// Its issue.
    pub number: IssueNumber,
    /// Its agent, while it is not stale: the one that the item is offered to first.
    pub preferred: Option<AgentId>,
}

/// The events of a follow-up that were not loaded with it, since nothing is decided by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unloaded {
    /// How many events it has in the store, loaded or not.
    pub stored: usize,
    /// How many of them stand in `sources`, before those that came since.
    pub loaded: usize,
    /// The most urgent kind among those that wait.
    pub kind: SourceKind,
}

/// One follow-up, open or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followup {
    /// Its name.
    pub id: WorkItemId,
    /// The repository of the pull request.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// Whether feedback in that repository is on offer at present.
    #[serde(default = "on_offer")]
    pub repo_offered: bool,
    /// The pull request.
    pub number: IssueNumber,
    /// Its address.
    pub pr_url: String,
    /// Its title.
    pub pr_title: String,
    /// The events that it came from, the first first; ended ones too. Never empty.
    pub sources: Vec<FeedbackEvent>,
    /// Set when not all of its events are in `sources`; some of the others wait, then.
    #[serde(skip)]
    pub unloaded: Option<Unloaded>,
    /// Where it stands.
    pub status: FollowupStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last change or sign of life.
    pub last_updated: Timestamp,
    /// Who works, or last worked, on it.
    pub owner: Option<AgentId>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
    /// When it became done.
    pub done_at: Option<Timestamp>,
    /// The note given with `dismissed`.
    pub dismiss_reason: Option<String>,
    /// When the author's window begins: made, or set free by the end of a hold.
    pub window_from: Timestamp,
    /// The statuses that it came to last, the oldest first: a store loads [`crate::domain::bounds::HISTORY_MAX`] at most.
    pub history: Vec<FollowupEntry>,
    /// How many entries of the history were before those.
    #[serde(default)]
    pub earlier: usize,
    /// Which issues it is about: where several claims name the pull request, they say which of them it is for.
    #[serde(default)]
    pub concerns: Concerns,
    /// Whose pull request it is, as far as an active claim says.
    pub author: Option<PullRequestOwner>,
}

fn on_offer() -> bool {
    true
}

impl Followup {
    /// The pull request it is on.
    pub fn pull(&self) -> PullKey {
        (self.repo, self.number)
    }

    /// The most urgent kind among its events that wait, or among all when none does: what it is served by.
    pub fn kind(&self) -> SourceKind {
        let kinds = |wanted: fn(&FeedbackEvent) -> bool| {
            let sources = self.sources.iter().filter(move |source| wanted(source));
            sources.map(|source| source.kind).min()
        };
        let unloaded = self.unloaded.map(|unloaded| unloaded.kind);
        let waiting = kinds(FeedbackEvent::waits)
            .into_iter()
            .chain(unloaded)
            .min();
        waiting
            .or_else(|| kinds(|_| true))
            .unwrap_or(SourceKind::PrComment)
    }

    /// Whether any of its events waits for an answer.
    pub fn asks(&self) -> bool {
        // The newest first: of an old item most have ended.
        self.unloaded.is_some() || self.sources.iter().rev().any(FeedbackEvent::waits)
    }

    /// The place of an event among all of them, counted from 0; `None` for one that has its place in the store.
    pub fn place_of(&self, n: usize) -> Option<usize> {
        match self.unloaded {
            None => Some(n),
            Some(unloaded) => Some(unloaded.stored + n.checked_sub(unloaded.loaded)?),
        }
    }

    /// Its place in the queue: the lower the earlier.
    pub fn order(&self) -> (SourceKind, Timestamp, WorkItemId) {
        (self.kind(), self.created_at, self.id)
    }

    /// The agent that holds the pull request because of it.
    pub fn holder(&self) -> Option<&AgentId> {
        self.owner.as_ref().filter(|_| self.status.is_held())
    }

    /// Whether it waits for somebody to take it.
    pub fn waits(&self) -> bool {
        matches!(self.status, FollowupStatus::Queued | FollowupStatus::Stale)
    }

    /// Whether this agent may be offered it, by the author's window alone. Windows that began at `passed` or before are over.
    pub fn in_reach_of(&self, agent: &AgentId, passed: Timestamp) -> bool {
        let preferred = self
            .author
            .as_ref()
            .and_then(|author| author.preferred.as_ref());
        preferred.is_none_or(|preferred| preferred == agent) || self.window_from <= passed
    }

    /// The moment a change made at `now` gets.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_updated)
    }

    /// This follow-up at its next status. Who may move it there is asked of [`transition::right`] before.
    ///
    /// # Errors
    /// [`NotPermitted`] when the table has no such move.
    pub fn advance(
        mut self,
        status: FollowupStatus,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<Self, NotPermitted> {
        transition::permit(self.status, status)?;
        let timestamp = self.moment(now);
        match status {
            FollowupStatus::Done => self.done_at = Some(timestamp),
            FollowupStatus::Dismissed => self.dismiss_reason.clone_from(&note),
            FollowupStatus::Queued
            | FollowupStatus::Claimed
            | FollowupStatus::InProgress
            | FollowupStatus::Stale => {}
        }
        self.status = status;
        self.last_updated = timestamp;
        self.history.push(FollowupEntry {
            status,
            timestamp,
            note,
        });
        Ok(self)
    }
}
