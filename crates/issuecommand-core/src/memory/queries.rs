//! The memory store's implementation of the port: queries over the maps.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use async_trait::async_trait;

use super::MemoryStore;
use crate::domain::access::Scope;
use crate::domain::access_key::{AccessKey, SecretHash};
use crate::domain::attempt::Attempt;
use crate::domain::claim::Claim;
use crate::domain::edge::Cycle;
use crate::domain::event::{Event, Seq};
use crate::domain::explain::{ExplainQuery, Explained};
use crate::domain::failure::StoreError;
use crate::domain::followup::{Followup, FollowupStatus, HeldFeedback};
use crate::domain::halt::Halt;
use crate::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use crate::domain::issue::{IssueFilter, IssuePlace, IssueState, MirroredIssue, WithheldReason};
use crate::domain::notice::Notice;
use crate::domain::outbox::OutboxEntry;
use crate::domain::pull_request::LinkedPull;
use crate::domain::readiness::{ReasonCode, ReasonSet};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::repo_policy::KnownPolicy;
use crate::domain::session::{KnownAgent, Session};
use crate::domain::time::Timestamp;
use crate::domain::web_session::WebSession;
use crate::domain::webhook::StoredDelivery;
use crate::engine::command::{Command, Outcome};
use crate::ports::store::{
    AllowedRepo, ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryCursor, HistoryQuery, OpenRow,
    RepoCount, StatusCounts, Store, StoreCondition, StoreHealth,
};

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
        claims.truncate(filter.limit.map_or(usize::MAX, |limit| limit as usize));
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
        issues.sort_by_key(|issue| state.serving_order(issue.key()));
        Ok(issues)
    }

    async fn unready_issues(
        &self,
        repo: &RepoName,
    ) -> Result<Vec<(MirroredIssue, ReasonSet)>, StoreError> {
        let state = self.lock();
        let id = state.names.get(repo.key());
        let offered = |id: &&RepoId| state.repos.get(id).is_some_and(|repo| repo.offered);
        let Some(id) = id.filter(offered) else {
            return Ok(Vec::new());
        };
        let of_it = state.tables.standings.rows();
        let unready = of_it.filter(|standing| {
            standing.repo == *id
                && !standing.reasons.is_empty()
                && !standing.reasons.has(ReasonCode::Withheld)
                && !state.active.contains_key(&standing.key())
        });
        let mut unready: Vec<_> = unready
            .filter_map(|standing| Some((state.row(standing.key())?, standing.reasons)))
            .collect();
        unready.sort_by_key(|(issue, _)| state.serving_order(issue.key()));
        Ok(unready)
    }

    async fn explain(&self, query: &ExplainQuery) -> Result<Explained, StoreError> {
        Ok(self.lock().explain(query))
    }

    async fn attempts(&self, key: IssueKey, limit: u32) -> Result<Vec<Attempt>, StoreError> {
        let state = self.lock();
        let all = state.tables.attempts.rows();
        let mut rows: Vec<Attempt> = all
            .filter(|row| row.counts && row.key() == key)
            .cloned()
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.to, row.claim.to_string())));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn halts(&self) -> Result<Vec<Halt>, StoreError> {
        Ok(self.lock().tables.halts.rows().cloned().collect())
    }

    async fn edges_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RepoName, IssueNumber)>, StoreError> {
        Ok(self.lock().edges_due(now, limit))
    }

    async fn open_dependencies(&self) -> Result<Vec<(IssuePlace, IssuePlace)>, StoreError> {
        Ok(self.lock().open_dependencies())
    }

    async fn dependency_cycles(&self) -> Result<Vec<Cycle>, StoreError> {
        Ok(self.lock().tables.cycles.rows().cloned().collect())
    }

    async fn repo_policy(&self, repo: RepoId) -> Result<Option<KnownPolicy>, StoreError> {
        Ok(self.lock().tables.repo_policies.get(&repo).cloned())
    }

    async fn authors_due(
        &self,
        before: Timestamp,
        private: bool,
        limit: u32,
    ) -> Result<Vec<(RepoName, String)>, StoreError> {
        Ok(self.lock().authors_due(before, private, limit))
    }

    async fn held_feedback(
        &self,
        repo: Option<&RepoName>,
        limit: u32,
    ) -> Result<Vec<(RepoName, HeldFeedback)>, StoreError> {
        Ok(self.lock().held_feedback(repo, limit))
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
        let gone = |row: &&OpenRow| row.withheld.is_some_and(WithheldReason::is_gone);
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
        let mut rows: Vec<StoredDelivery> = state
            .tables
            .deliveries
            .rows()
            .filter(waits)
            .cloned()
            .collect();
        rows.sort_by_key(|row| (row.received_at, row.id.clone()));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(self.lock().due_outbox(now, limit))
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
        Ok(state
            .tables
            .access_keys
            .rows()
            .find(|key| key.hash == *hash)
            .cloned())
    }

    async fn web_session(&self, hash: &SecretHash) -> Result<Option<WebSession>, StoreError> {
        Ok(self.lock().tables.web_sessions.get(hash).cloned())
    }

    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let mut keys: Vec<AccessKey> = self.lock().tables.access_keys.rows().cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id.clone()));
        Ok(keys)
    }

    async fn agents(&self, agent: Option<&AgentId>) -> Result<Vec<KnownAgent>, StoreError> {
        let state = self.lock();
        let agents = state.tables.agents.rows();
        let agents = agents.filter(|row| agent.is_none_or(|agent| *agent == row.id));
        Ok(agents.cloned().collect())
    }

    async fn sessions(&self, agent: Option<&AgentId>) -> Result<Vec<Session>, StoreError> {
        let state = self.lock();
        let sessions = state.tables.sessions.rows();
        let sessions = sessions.filter(|row| agent.is_none_or(|agent| *agent == row.agent));
        Ok(sessions.cloned().collect())
    }

    async fn notices(&self, agent: &AgentId) -> Result<Vec<Notice>, StoreError> {
        let state = self.lock();
        let notices = state.tables.notices.rows();
        let notices = notices.filter(|row| row.agent == *agent);
        Ok(notices.cloned().collect())
    }

    async fn changed(&self) {
        self.written.listen().await;
    }
}
