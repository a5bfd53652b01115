//! A copy of the whole store, for inspection and comparison.

use std::collections::BTreeMap;
use std::fmt;

use super::{MemoryStore, State};
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::followup::{Followup, KnownSource};
use crate::domain::id::{AgentId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::outbox::OutboxEntry;
use crate::domain::pull_request::Pull;
use crate::domain::readiness::ReasonSet;
use crate::domain::repo::Repo;
use crate::domain::standing::Standing;
use crate::domain::time::{ClockSteps, Timestamp};
use crate::domain::webhook::StoredDelivery;

/// A copy of the store's content. The time of the copy does not count in comparisons.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot(State);

impl Snapshot {
    pub(super) fn new(state: State) -> Self {
        // The last time read and the steps of the clock are not content, nor are statistics, which depend on the order of messages.
        Self(State {
            daily: BTreeMap::new(),
            agent_totals: BTreeMap::new(),
            last_now: Timestamp::default(),
            clock_steps: ClockSteps::default(),
            ..state
        })
    }

    /// All claims that are kept, active and ended, by id.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.0.claims.values()
    }

    /// The reasons of its own for which an open issue is not handed out.
    pub fn reasons(&self, key: IssueKey) -> Option<ReasonSet> {
        self.standing(key).map(|row| row.reasons)
    }

    /// How an open issue stands.
    pub fn standing(&self, key: IssueKey) -> Option<&Standing> {
        self.0.tables.standings.get(&key)
    }

    /// Every row of the mirror, by key.
    pub fn issues(&self) -> impl Iterator<Item = &MirroredIssue> {
        self.0.issues.values()
    }

    /// Every repository, by id.
    pub fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.0.repos.values()
    }

    /// The repository that has this name, given in lower case.
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

    /// Every feedback event that created or would have created a follow-up, by id.
    pub fn sources(&self) -> impl Iterator<Item = &KnownSource> {
        self.0.sources.values()
    }

    /// The agent that holds each held pull request.
    pub fn holds(&self) -> impl Iterator<Item = (PullKey, &AgentId)> {
        self.0.holds.iter().map(|(key, agent)| (*key, agent))
    }

    /// Every delivery that is kept, by id.
    pub fn deliveries(&self) -> impl Iterator<Item = &StoredDelivery> {
        self.0.tables.deliveries.rows()
    }

    /// The event log, in order.
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// Pending writes to GitHub.
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
