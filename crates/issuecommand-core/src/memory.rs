//! The reference store: the same engine behind a mutex, forgotten at the end of the process. For tests and for embedding.

mod correct;
mod count;
mod links;
mod load;
mod snapshot;
mod write;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use event_listener::Event as Signal;

pub use self::snapshot::Snapshot;
use crate::change::IdempotencyRecord;
use crate::claim::Claim;
use crate::command::{Command, Outcome, Scope};
use crate::decide::decide_batch;
use crate::event::{Event, Seq};
use crate::failure::StoreError;
use crate::followup::{FeedbackEvent, Followup, FollowupStatus, KnownSource, SourceId, WorkItemId};
use crate::id::{ClaimId, IdGenerator, IssueKey, IssueNumber, Principal, PullKey, RepoId};
use crate::issue::{IssueFilter, IssueState, MirroredIssue, WithheldReason};
use crate::key::{AccessKey, SecretHash};
use crate::lease::Lease;
use crate::needs::Needs;
use crate::outbox::{OutboxEntry, OutboxId};
use crate::policy::Policy;
use crate::pull::Pull;
use crate::repo::{Repo, RepoName};
use crate::store::{
    AllowedRepo, ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryCursor, HistoryQuery,
    LinkedPull, OpenRow, RepoCount, StatusCounts, Store, StoreCondition, StoreHealth,
};
use crate::sync::SyncFailure;
use crate::time::{Clock, ClockSteps, Timestamp};
use crate::webhook::StoredDelivery;

/// See the module.
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
    /// What names of `ALLOWED_REPOS` mean.
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
    holds: BTreeMap<PullKey, crate::id::AgentId>,
    deliveries: BTreeMap<String, StoredDelivery>,
    leases: BTreeMap<String, Lease>,
    keys: BTreeMap<String, AccessKey>,
    outbox: BTreeMap<OutboxId, OutboxEntry>,
    remembered: BTreeMap<(Principal, String), IdempotencyRecord>,
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

    /// The same data under other settings, as another process would have it.
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

    /// Decides a command and keeps what follows from it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the engine would give an issue to two agents, which is a fault of the engine.
    pub fn run(&self, command: Command) -> Result<Outcome, StoreError> {
        let outcome = self.run_batch(&[command])?.pop().flatten();
        // A batch of one loads as many candidates as it has consumers, so it never has to wait for the next.
        outcome.ok_or_else(|| StoreError::Corrupt("a lone command was put off".to_owned()))
    }

    /// Decides commands together, as a store does that commits them together. `None` for those to be asked again, before any
    /// others.
    ///
    /// # Errors
    /// As [`MemoryStore::run`]; nothing is kept then.
    pub fn run_batch(&self, commands: &[Command]) -> Result<Vec<Option<Outcome>>, StoreError> {
        let mut state = self.lock();
        let time = state.read_clock(self.clock.now());
        let mut view = state.load(&Needs::of(commands, &self.policy, time));
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = decide_batch(&mut view, commands, &self.policy, time, &mut **ids);
        state.write(view.into_writes())?;
        drop((state, ids));
        self.written.notify(usize::MAX);
        Ok(outcomes)
    }

    /// All that the store holds, as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.lock().clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        self.run(command)
    }

    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError> {
        let state = self.lock();
        let fits = |claim: &&Claim| {
            filter
                .agent
                .as_ref()
                .is_none_or(|agent| *agent == claim.agent)
                && filter
                    .repo
                    .as_ref()
                    .is_none_or(|repo| state.names.get(repo.key()) == Some(&claim.repo))
                && filter.status.is_none_or(|status| status == claim.status)
        };
        let mut claims: Vec<Claim> = state
            .active
            .values()
            .filter_map(|id| state.claims.get(id))
            .filter(fits)
            .map(|claim| state.named(claim))
            .collect();
        claims.retain(|claim| filter.scope.has(&claim.repo_name));
        claims.sort_by_key(|claim| (claim.claimed_at, claim.id.to_string()));
        Ok(claims)
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError> {
        let state = self.lock();
        let place = |claim: &Claim| HistoryCursor {
            ended: claim.last_updated,
            claim: claim.id.to_string(),
        };
        let mut claims: Vec<Claim> = state
            .claims
            .values()
            .filter(|claim| {
                !claim.is_active()
                    && query
                        .agent
                        .as_ref()
                        .is_none_or(|agent| *agent == claim.agent)
                    && query
                        .repo
                        .as_ref()
                        .is_none_or(|repo| state.names.get(repo.key()) == Some(&claim.repo))
                    && query.status.is_none_or(|status| status == claim.status)
                    && query
                        .after
                        .as_ref()
                        .is_none_or(|after| place(claim) < *after)
            })
            .map(|claim| state.named(claim))
            .filter(|claim| query.scope.has(&claim.repo_name))
            .collect();
        claims.sort_by_key(|claim| Reverse(place(claim)));
        claims.truncate(query.limit as usize);
        Ok(claims)
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError> {
        let state = self.lock();
        let mut issues = state.ready_issues(filter);
        issues.sort_by_key(MirroredIssue::order);
        Ok(issues)
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError> {
        let state = self.lock();
        Ok(state
            .names
            .get(repo.key())
            .and_then(|id| state.row((*id, number))))
    }

    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError> {
        let state = self.lock();
        let open = |id: RepoId| {
            state
                .issues
                .values()
                .filter(|row| row.repo == id && row.facts.state == IssueState::Open)
                .count() as u64
        };
        let mut repos: Vec<RepoCount> = state
            .repos
            .values()
            .map(|repo| RepoCount {
                repo: repo.clone(),
                open: open(repo.id),
            })
            .collect();
        repos.sort_by(|a, b| a.repo.facts.name.cmp(&b.repo.facts.name));
        Ok(repos)
    }

    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError> {
        let state = self.lock();
        Ok(state
            .names
            .get(name.key())
            .and_then(|id| state.repos.get(id))
            .cloned())
    }

    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError> {
        Ok(self.lock().allowed_repos(names))
    }

    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError> {
        let state = self.lock();
        let mut repos = state.repos.values();
        Ok(repos
            .find(|repo| repo.facts.github_id == github_id && github_id != 0)
            .cloned())
    }

    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError> {
        Ok(self.lock().open_rows(repo))
    }

    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError> {
        Ok(self.lock().open_pulls(repo))
    }

    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError> {
        let state = self.lock();
        let gone = |row: &&OpenRow| row.doubt.is_some_and(WithheldReason::is_gone);
        let open = state.open_rows(repo);
        let shown = open.len() - open.iter().filter(gone).count();
        Ok((shown + state.open_pulls(repo).len()) as u64)
    }

    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError> {
        let state = self.lock();
        let ended = filter.status.is_some_and(FollowupStatus::is_terminal);
        let fits = |item: &&Followup| {
            item.status.is_terminal() == ended
                && filter
                    .owner
                    .as_ref()
                    .is_none_or(|owner| item.owner.as_ref() == Some(owner))
                && filter
                    .repo
                    .as_ref()
                    .is_none_or(|repo| state.names.get(repo.key()) == Some(&item.repo))
                && filter.status.is_none_or(|status| status == item.status)
                && filter.number.is_none_or(|number| number == item.number)
        };
        let mut items: Vec<Followup> = state
            .followups
            .values()
            .filter(fits)
            .map(|item| state.dressed(item))
            .collect();
        items.retain(|item| filter.scope.has(&item.repo_name));
        if ended {
            items.sort_by_key(|item| Reverse((item.last_updated, item.id.to_string())));
            items.truncate(ENDED_LISTED as usize);
        } else {
            items.sort_by_key(Followup::order);
        }
        Ok(items)
    }

    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError> {
        Ok(self.lock().linked_pulls())
    }

    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError> {
        let state = self.lock();
        let waits = |row: &&StoredDelivery| {
            row.processed_at.is_none() && row.attempts < StoredDelivery::MAX_ATTEMPTS
        };
        let mut rows: Vec<StoredDelivery> =
            state.deliveries.values().filter(waits).cloned().collect();
        rows.sort_by_key(|row| (row.received_at, row.id.clone()));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut due: Vec<OutboxEntry> = self
            .lock()
            .outbox
            .values()
            .filter(|entry| entry.due <= now)
            .cloned()
            .collect();
        due.sort_by_key(|entry| (entry.due, entry.id));
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        let state = self.lock();
        let from = state.events.partition_point(|event| event.seq <= seq);
        Ok(state.events[from..]
            .iter()
            .take(limit as usize)
            .cloned()
            .collect())
    }

    async fn last_event(&self) -> Result<Seq, StoreError> {
        Ok(self.lock().next_seq - 1)
    }

    async fn oldest_event(&self) -> Result<Seq, StoreError> {
        let state = self.lock();
        Ok(state
            .events
            .first()
            .map_or(state.next_seq, |event| event.seq))
    }

    async fn health(&self, scope: &Scope) -> Result<StoreHealth, StoreError> {
        Ok(self.lock().health(scope))
    }

    async fn condition(&self) -> Result<StoreCondition, StoreError> {
        Ok(self.lock().condition())
    }

    async fn tally(&self) -> Result<StatusCounts, StoreError> {
        Ok(self.lock().tally())
    }

    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError> {
        let state = self.lock();
        Ok(state.keys.values().find(|key| key.hash == *hash).cloned())
    }

    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let mut keys: Vec<AccessKey> = self.lock().keys.values().cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id.clone()));
        Ok(keys)
    }

    async fn changed(&self) {
        self.written.listen().await;
    }
}
