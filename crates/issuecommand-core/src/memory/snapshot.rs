//! A picture of the whole store, to be looked at and compared.

use std::fmt;

use super::{MemoryStore, State};
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::followup::{Followup, KnownSource};
use crate::domain::id::{AgentId, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::outbox::OutboxEntry;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::time::{ClockSteps, Timestamp};
use crate::domain::webhook::StoredDelivery;

/// See the module. Two are equal when the stores hold the same, whenever that was.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot(State);

impl Snapshot {
    pub(super) fn new(state: State) -> Self {
        // The moment of the last look is no content, nor how the clock went.
        Self(State {
            last_now: Timestamp::default(),
            clock_steps: ClockSteps::default(),
            ..state
        })
    }

    /// All claims that are kept, active and ended, by id.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.0.claims.values()
    }

    /// Every row of the mirror, by key.
    pub fn issues(&self) -> impl Iterator<Item = &MirroredIssue> {
        self.0.issues.values()
    }

    /// Every repository.
    pub fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.0.repos.values()
    }

    /// Whose a name is, given in lower case.
    pub fn named(&self, key: &str) -> Option<RepoId> {
        self.0.names.get(key).copied()
    }

    /// Every pull request, by key.
    pub fn pulls(&self) -> impl Iterator<Item = &Pull> {
        self.0.pulls.values()
    }

    /// All follow-ups that are kept, open and ended, by id.
    pub fn followups(&self) -> impl Iterator<Item = &Followup> {
        self.0.followups.values()
    }

    /// Every event that a follow-up came or would have come from, by name.
    pub fn sources(&self) -> impl Iterator<Item = &KnownSource> {
        self.0.sources.values()
    }

    /// Who holds which pull request.
    pub fn holds(&self) -> impl Iterator<Item = (PullKey, &AgentId)> {
        self.0.holds.iter().map(|(key, agent)| (*key, agent))
    }

    /// Every delivery that is kept, by id.
    pub fn deliveries(&self) -> impl Iterator<Item = &StoredDelivery> {
        self.0.tables.deliveries.rows()
    }

    /// The log, in order.
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// Writes to GitHub that wait.
    pub fn outbox(&self) -> impl Iterator<Item = &OutboxEntry> {
        self.0.tables.outbox.rows()
    }

    /// Claims ever made.
    pub fn total_claims(&self) -> u64 {
        self.0.claims.len() as u64 + self.0.trimmed
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
