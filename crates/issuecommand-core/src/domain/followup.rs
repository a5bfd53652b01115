//! A follow-up: feedback on one pull request that waits for an agent or that an agent is answering.

pub mod concerns;
pub mod feedback_event;
pub mod held;
pub mod status;
pub mod transition;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::concerns::Concerns;
pub use self::feedback_event::{
    FeedbackEvent, KnownSource, Resolution, Side, SourceFacts, SourceId, SourceKind, ThreadState,
    bounded_hunk,
};
pub use self::held::HeldFeedback;
pub use self::status::FollowupStatus;
pub use self::transition::NotPermitted;
use crate::domain::id::{AgentId, ClaimId, IssueNumber, PullKey, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::session::SessionId;
use crate::domain::time::Timestamp;

/// The permanent id of a follow-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkItemId(pub Uuid);

impl std::fmt::Display for WorkItemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An entry of a follow-up's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowupEntry {
    /// The new status.
    pub status: FollowupStatus,
    /// When the status changed.
    pub timestamp: Timestamp,
    /// A note of the agent or system that changed it.
    pub note: Option<String>,
}

/// The claim that a pull request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestOwner {
    /// The claim's id.
    pub claim: ClaimId,
    /// The claim's issue.
    pub number: IssueNumber,
    /// The claim's agent, unless the claim is stale. The item is offered to this agent first.
    pub preferred: Option<AgentId>,
}

/// Feedback events that were not loaded with a follow-up, because no decision depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unloaded {
    /// How many events the store has, loaded or not.
    pub stored: usize,
    /// How many of them are in `sources`, before any new ones.
    pub loaded: usize,
    /// The most urgent kind among the waiting events.
    pub kind: SourceKind,
}

/// A follow-up, open or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followup {
    /// The follow-up's id.
    pub id: WorkItemId,
    /// The pull request's repository.
    pub repo: RepoId,
    /// That repository's present name.
    pub repo_name: RepoName,
    /// Whether feedback in that repository may be handed out now.
    #[serde(default = "on_offer")]
    pub repo_offered: bool,
    /// The pull request's number.
    pub number: IssueNumber,
    /// The pull request's address.
    pub pr_url: String,
    /// The pull request's title.
    pub pr_title: String,
    /// Its feedback events, oldest first, with ended ones. Never empty.
    pub sources: Vec<FeedbackEvent>,
    /// Set if `sources` lacks some events. Some of those still wait.
    #[serde(skip)]
    pub unloaded: Option<Unloaded>,
    /// The present status.
    pub status: FollowupStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// The last change or heartbeat.
    pub last_updated: Timestamp,
    /// The agent that holds it, or held it last.
    pub owner: Option<AgentId>,
    /// When that agent took it.
    pub claimed_at: Option<Timestamp>,
    /// When it became `done`.
    pub done_at: Option<Timestamp>,
    /// The note given with `dismissed`.
    pub dismiss_reason: Option<String>,
    /// When the affinity window begins: at creation, or when a hold ended.
    pub window_from: Timestamp,
    /// The last status entries, oldest first. A store loads at most [`crate::domain::bounds::HISTORY_MAX`].
    pub history: Vec<FollowupEntry>,
    /// How many entries came before `history`.
    #[serde(default)]
    pub earlier: usize,
    /// The issues that its feedback is about. They select the claim if several name the pull request.
    #[serde(default)]
    pub concerns: Concerns,
    /// The owner of the pull request, if an active claim names it.
    pub author: Option<PullRequestOwner>,
    /// The session that holds it or held it last, if its agent said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The last sign of life other than a heartbeat or status change. It counts if it is later than `last_updated`.
    #[serde(skip)]
    pub signed_at: Timestamp,
}

fn on_offer() -> bool {
    true
}

impl Followup {
    /// The key of its pull request.
    pub fn pull(&self) -> PullKey {
        (self.repo, self.number)
    }

    /// The most urgent kind among its waiting events, or among all if none waits. It sets the serving order.
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
        // Newest first, because most events of an old item have ended.
        self.unloaded.is_some() || self.sources.iter().rev().any(FeedbackEvent::waits)
    }

    /// The index of `sources[n]` among all events. `None` if it was loaded without the others, so only the store knows.
    pub fn place_of(&self, n: usize) -> Option<usize> {
        match self.unloaded {
            None => Some(n),
            Some(unloaded) => Some(unloaded.stored + n.checked_sub(unloaded.loaded)?),
        }
    }

    /// Its sort key in the queue; lower comes first.
    pub fn order(&self) -> (SourceKind, Timestamp, WorkItemId) {
        (self.kind(), self.created_at, self.id)
    }

    /// The agent that holds the pull request through this item.
    pub fn holder(&self) -> Option<&AgentId> {
        self.owner.as_ref().filter(|_| self.status.is_held())
    }

    /// Whether an agent may take it.
    pub fn waits(&self) -> bool {
        matches!(self.status, FollowupStatus::Queued | FollowupStatus::Stale)
    }

    /// Whether the affinity window lets this agent have it. Windows that began at or before `passed` are over.
    pub fn in_reach_of(&self, agent: &AgentId, passed: Timestamp) -> bool {
        let preferred = self
            .author
            .as_ref()
            .and_then(|author| author.preferred.as_ref());
        preferred.is_none_or(|preferred| preferred == agent) || self.window_from <= passed
    }

    /// The last sign of life of its holder.
    pub fn alive_at(&self) -> Timestamp {
        self.last_updated.max(self.signed_at)
    }

    /// The timestamp of a change at `now`, which never goes back.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_updated)
    }

    /// Gives this follow-up to an agent, who begins with it.
    #[must_use]
    pub(crate) fn give_to(mut self, agent: AgentId, note: &str, now: Timestamp) -> Self {
        let timestamp = self.moment(now);
        self.owner = Some(agent);
        self.session = None;
        self.status = FollowupStatus::Claimed;
        (self.claimed_at, self.last_updated) = (Some(timestamp), timestamp);
        self.history.push(FollowupEntry {
            status: self.status,
            timestamp,
            note: Some(note.to_owned()),
        });
        self
    }

    /// Moves this follow-up to another status. The caller checks [`transition::right`] first.
    ///
    /// # Errors
    /// [`NotPermitted`] if the table does not have this move.
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
