//! The reference store: the engine behind a mutex, without persistence. For tests and embedding.

mod authors;
mod clock_correction;
mod daily;
mod edges;
mod explain;
mod links;
mod load;
mod outbox;
mod queries;
mod read_model;
mod snapshot;
mod stats;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::Event as Signal;

pub use self::snapshot::Snapshot;
use crate::domain::claim::Claim;
use crate::domain::daily::{AgentTotalKey, DailyKey, Day};
use crate::domain::event::{Event, Seq};
use crate::domain::failure::StoreError;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId, WorkItemId};
use crate::domain::id::{ClaimId, IdGenerator, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::policy::Policy;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::sync::SyncFailure;
use crate::domain::time::{Clock, ClockSteps, Timestamp};
use crate::engine::command::{Command, Outcome};
use crate::engine::decide::decide_batch;
use crate::engine::read_set::ReadSet;
use crate::engine::tables::PlainTables;

/// The in-memory store.
pub struct MemoryStore {
    policy: Policy,
    clock: Arc<dyn Clock>,
    ids: Arc<Mutex<Box<dyn IdGenerator>>>,
    state: Arc<Mutex<State>>,
    written: Arc<Signal>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    repos: BTreeMap<RepoId, Repo>,
    names: BTreeMap<String, RepoId>,
    /// The repositories that names of `ALLOWED_REPOS` are bound to.
    bound: BTreeMap<String, RepoId>,
    issues: BTreeMap<IssueKey, MirroredIssue>,
    claims: BTreeMap<ClaimId, Claim>,
    active: BTreeMap<IssueKey, ClaimId>,
    trimmed: u64,
    events: Vec<Event>,
    next_seq: Seq,
    pulls: BTreeMap<PullKey, Pull>,
    followups: BTreeMap<WorkItemId, Followup>,
    sources: BTreeMap<SourceId, KnownSource>,
    texts: BTreeMap<SourceId, FeedbackEvent>,
    holds: BTreeMap<PullKey, crate::domain::id::AgentId>,
    tables: PlainTables,
    /// The numbers of days.
    daily: BTreeMap<DailyKey, u64>,
    /// What is counted of agents, with the day of the last.
    agent_totals: BTreeMap<AgentTotalKey, (u64, Day)>,
    last_sync: Option<Timestamp>,
    sync_failures: Vec<SyncFailure>,
    open_pulls: BTreeSet<PullKey>,
    priority_source: Option<String>,
    last_now: Timestamp,
    clock_steps: ClockSteps,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(policy: Policy, clock: Arc<dyn Clock>, ids: Box<dyn IdGenerator>) -> Self {
        let state = State {
            next_seq: 1,
            ..State::default()
        };
        Self {
            policy,
            clock,
            ids: Arc::new(Mutex::new(ids)),
            state: Arc::new(Mutex::new(state)),
            written: Arc::new(Signal::new()),
        }
    }

    /// A store over the same data with other settings, like a second process.
    #[must_use]
    pub fn beside(&self, policy: Policy) -> Self {
        Self {
            policy,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            state: self.state.clone(),
            written: self.written.clone(),
        }
    }

    /// Decides a command and applies its effects.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the engine would give an issue to two agents, which is a bug in the engine.
    pub fn run(&self, command: Command) -> Result<Outcome, StoreError> {
        let outcome = self.run_batch(&[command])?.pop().flatten();
        // A batch of one loads as many candidates as it has consumers, so its command is never deferred.
        outcome.ok_or_else(|| StoreError::Corrupt("a lone command was put off".to_owned()))
    }

    /// Decides commands as one batch, as a store does that commits them together. `None` marks a command that must be run
    /// again, before any others.
    ///
    /// # Errors
    /// As [`MemoryStore::run`]; nothing is applied then.
    pub fn run_batch(&self, commands: &[Command]) -> Result<Vec<Option<Outcome>>, StoreError> {
        let mut state = self.lock();
        let time = state.read_clock(self.clock.now());
        let mut view = state.load(&ReadSet::of(commands, &self.policy, time));
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = decide_batch(&mut view, commands, &self.policy, time, &mut **ids);
        state.write(view.into_writes())?;
        drop((state, ids));
        self.written.notify(usize::MAX);
        Ok(outcomes)
    }

    /// A copy of everything that the store holds.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.lock().clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
