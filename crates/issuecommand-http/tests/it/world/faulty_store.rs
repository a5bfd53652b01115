//! A memory store that can be told to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, SecretHash};
use issuecommand_core::domain::attempt::Attempt;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::daily::{Day, Measure};
use issuecommand_core::domain::edge::Cycle;
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::explain::{ExplainQuery, Explained};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{Followup, HeldFeedback};
use issuecommand_core::domain::halt::Halt;
use issuecommand_core::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use issuecommand_core::domain::issue::{IssueFilter, IssuePlace, MirroredIssue};
use issuecommand_core::domain::notice::Notice;
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::readiness::{ReasonCode, ReasonSet};
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::repo_policy::KnownPolicy;
use issuecommand_core::domain::session::{KnownAgent, Session};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::web_session::WebSession;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::read_model::{
    AttentionQuery, AttentionRows, BlockedCursor, DailyNumber, EventPlace, FoundIssue, IssueLines,
    IssuePageQuery, PullOfIssue, QueueCursor, ReadModel, SearchQuery, WaitingDelivery,
    WorkingClaim, WorkingCounts, WorkingQuery,
};
use issuecommand_core::ports::store::{
    AllowedRepo, ClaimFilter, FollowupFilter, HistoryQuery, OpenRow, RepoCount, StatusCounts,
    Store, StoreCondition, StoreHealth,
};

#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<MemoryStore>,
    fault: Mutex<Option<StoreError>>,
    asked: AtomicU64,
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<MemoryStore>) -> Self {
        let fault = Mutex::new(None);
        let asked = AtomicU64::new(0);
        Self {
            inner,
            fault,
            asked,
        }
    }

    /// The number of key lookups.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Makes deliveries and key lookups fail, or succeed again.
    pub(crate) fn fail(&self, error: Option<StoreError>) {
        *self.fault.lock().unwrap() = error;
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        let fault = self.fault.lock().unwrap().clone();
        match fault {
            Some(error) if matches!(command.action, Action::ProcessDelivery { .. }) => Err(error),
            _ => self.inner.transact(command).await,
        }
    }

    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError> {
        self.inner.claims(filter).await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError> {
        self.inner.history(query).await
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError> {
        self.inner.open_issues(filter).await
    }

    async fn unready_issues(
        &self,
        repo: &RepoName,
    ) -> Result<Vec<(MirroredIssue, ReasonSet)>, StoreError> {
        self.inner.unready_issues(repo).await
    }

    async fn explain(&self, query: &ExplainQuery) -> Result<Explained, StoreError> {
        self.inner.explain(query).await
    }

    async fn attempts(&self, key: IssueKey, limit: u32) -> Result<Vec<Attempt>, StoreError> {
        self.inner.attempts(key, limit).await
    }

    async fn halts(&self) -> Result<Vec<Halt>, StoreError> {
        self.inner.halts().await
    }

    async fn edges_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RepoName, IssueNumber)>, StoreError> {
        self.inner.edges_due(now, limit).await
    }

    async fn open_dependencies(&self) -> Result<Vec<(IssuePlace, IssuePlace)>, StoreError> {
        self.inner.open_dependencies().await
    }

    async fn dependency_cycles(&self) -> Result<Vec<Cycle>, StoreError> {
        self.inner.dependency_cycles().await
    }

    async fn repo_policy(&self, repo: RepoId) -> Result<Option<KnownPolicy>, StoreError> {
        self.inner.repo_policy(repo).await
    }

    async fn authors_due(
        &self,
        before: Timestamp,
        private: bool,
        limit: u32,
    ) -> Result<Vec<(RepoName, String)>, StoreError> {
        self.inner.authors_due(before, private, limit).await
    }

    async fn held_feedback(
        &self,
        repo: Option<&RepoName>,
        limit: u32,
    ) -> Result<Vec<(RepoName, HeldFeedback)>, StoreError> {
        self.inner.held_feedback(repo, limit).await
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError> {
        self.inner.issue(repo, number).await
    }

    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError> {
        self.inner.repos().await
    }

    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError> {
        self.inner.repo(name).await
    }

    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError> {
        self.inner.allowed_repos(names).await
    }

    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError> {
        self.inner.repo_on_github(github_id).await
    }

    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError> {
        self.inner.open_rows(repo).await
    }

    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError> {
        self.inner.open_pulls(repo).await
    }

    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError> {
        self.inner.open_count(repo).await
    }

    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError> {
        self.inner.followups(filter).await
    }

    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError> {
        self.inner.linked_pulls().await
    }

    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError> {
        self.inner.deferred_deliveries(limit).await
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.inner.due_outbox(now, limit).await
    }

    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.inner.events_after(seq, limit).await
    }

    async fn last_event(&self) -> Result<Seq, StoreError> {
        self.inner.last_event().await
    }

    async fn oldest_event(&self) -> Result<Seq, StoreError> {
        self.inner.oldest_event().await
    }

    async fn health(&self, scope: &Scope) -> Result<StoreHealth, StoreError> {
        self.inner.health(scope).await
    }

    async fn condition(&self) -> Result<StoreCondition, StoreError> {
        self.inner.condition().await
    }

    async fn tally(&self) -> Result<StatusCounts, StoreError> {
        self.inner.tally().await
    }

    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let fault = self.fault.lock().unwrap().clone();
        match fault {
            Some(error) => Err(error),
            None => self.inner.key_by_hash(hash).await,
        }
    }

    async fn web_session(&self, hash: &SecretHash) -> Result<Option<WebSession>, StoreError> {
        self.inner.web_session(hash).await
    }

    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.inner.keys().await
    }

    async fn agents(&self, agent: Option<&AgentId>) -> Result<Vec<KnownAgent>, StoreError> {
        self.inner.agents(agent).await
    }

    async fn sessions(&self, agent: Option<&AgentId>) -> Result<Vec<Session>, StoreError> {
        self.inner.sessions(agent).await
    }

    async fn notices(&self, agent: &AgentId) -> Result<Vec<Notice>, StoreError> {
        self.inner.notices(agent).await
    }

    async fn changed(&self) {
        self.inner.changed().await;
    }
}

#[async_trait]
impl ReadModel for FaultyStore {
    async fn events_before(
        &self,
        place: &EventPlace,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.inner.events_before(place, before, limit).await
    }

    async fn ready_page(
        &self,
        query: &IssuePageQuery<QueueCursor>,
    ) -> Result<Vec<QueueCursor>, StoreError> {
        self.inner.ready_page(query).await
    }

    async fn blocked_page(
        &self,
        query: &IssuePageQuery<BlockedCursor>,
        reason: Option<ReasonCode>,
    ) -> Result<Vec<BlockedCursor>, StoreError> {
        self.inner.blocked_page(query, reason).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Vec<FoundIssue>, StoreError> {
        self.inner.search(query).await
    }

    async fn issue_lines(&self, keys: &[IssueKey]) -> Result<IssueLines, StoreError> {
        self.inner.issue_lines(keys).await
    }

    async fn working(&self, query: &WorkingQuery) -> Result<Vec<WorkingClaim>, StoreError> {
        self.inner.working(query).await
    }

    async fn working_counts(
        &self,
        agent: Option<&AgentId>,
        scope: &Scope,
    ) -> Result<WorkingCounts, StoreError> {
        self.inner.working_counts(agent, scope).await
    }

    async fn attention(&self, query: &AttentionQuery) -> Result<AttentionRows, StoreError> {
        self.inner.attention(query).await
    }

    async fn pulls_of_issue(&self, key: IssueKey) -> Result<Vec<PullOfIssue>, StoreError> {
        self.inner.pulls_of_issue(key).await
    }

    async fn daily(
        &self,
        scope: &Scope,
        from: Day,
        to: Day,
    ) -> Result<Vec<DailyNumber>, StoreError> {
        self.inner.daily(scope, from, to).await
    }

    async fn agents_page(
        &self,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<KnownAgent>, StoreError> {
        self.inner.agents_page(after, limit).await
    }

    async fn agents_count(&self) -> Result<u64, StoreError> {
        self.inner.agents_count().await
    }

    async fn agent_totals(&self, agent: &AgentId) -> Result<BTreeMap<Measure, u64>, StoreError> {
        self.inner.agent_totals(agent).await
    }

    async fn waiting_deliveries(&self, limit: u32) -> Result<Vec<WaitingDelivery>, StoreError> {
        self.inner.waiting_deliveries(limit).await
    }

    async fn outbox(&self, scope: &Scope, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.inner.outbox(scope, limit).await
    }
}
