//! What people look at, by walks over the maps.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use self::rows::{finds, has_labels, page, working_cursor};
use super::MemoryStore;
use crate::domain::access::Scope;
use crate::domain::claim::Claim;
use crate::domain::daily::{DailyKey, Day, Measure};
use crate::domain::event::{Event, Seq};
use crate::domain::failure::StoreError;
use crate::domain::followup::FollowupStatus;
use crate::domain::id::{AgentId, IssueKey, PullKey, RepoId};
use crate::domain::outbox::OutboxEntry;
use crate::domain::readiness::ReasonCode;
use crate::domain::session::KnownAgent;
use crate::domain::webhook::StoredDelivery;
use crate::ports::read_model::{
    AttentionQuery, AttentionRows, BlockedCursor, DailyNumber, EventPlace, FoundIssue, IssueLines,
    IssuePageQuery, PullOfIssue, QueueCursor, ReadModel, SearchQuery, WaitingDelivery,
    WorkingClaim, WorkingCounts, WorkingQuery,
};

#[async_trait]
impl ReadModel for MemoryStore {
    async fn events_before(
        &self,
        place: &EventPlace,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let state = self.lock();
        let is_there = |event: &&Event| match place {
            EventPlace::All => true,
            EventPlace::Agent(agent) => event.agent.as_ref() == Some(agent),
            EventPlace::Subjects(subjects) => {
                let repo = event.repo.as_ref().map(|repo| repo.key().to_owned());
                let subject = repo.zip(event.number.or(event.pull));
                subject.is_some_and(|subject| subjects.contains(&subject))
            }
        };
        let events = state.events.iter().rev();
        let events = events.filter(|event| event.seq < before).filter(is_there);
        Ok(events.take(limit as usize).cloned().collect())
    }

    async fn ready_page(
        &self,
        query: &IssuePageQuery<QueueCursor>,
    ) -> Result<Vec<QueueCursor>, StoreError> {
        let state = self.lock();
        let ready = state.free_standings(query);
        let ready = ready.filter(|standing| standing.reasons.is_empty());
        let places = ready.map(|standing| QueueCursor {
            turn: standing.turn,
            created_at: standing.created_at,
            key: standing.key(),
        });
        Ok(page(query, places))
    }

    async fn blocked_page(
        &self,
        query: &IssuePageQuery<BlockedCursor>,
        reason: Option<ReasonCode>,
    ) -> Result<Vec<BlockedCursor>, StoreError> {
        let state = self.lock();
        let places = state.free_standings(query).filter_map(|standing| {
            let first = standing.reasons.first()?;
            reason
                .is_none_or(|reason| reason == first)
                .then(|| BlockedCursor {
                    first: first.as_str().to_owned(),
                    created_at: standing.created_at,
                    key: standing.key(),
                })
        });
        Ok(page(query, places))
    }

    async fn search(&self, query: &SearchQuery) -> Result<Vec<FoundIssue>, StoreError> {
        let state = self.lock();
        let standings = state.tables.standings.rows();
        let found = standings.filter(|standing| {
            let issue = state.issues.get(&standing.key());
            state.sees(&query.scope, standing.repo)
                && issue.is_some_and(|issue| {
                    has_labels(issue, &query.labels) && finds(&query.search, issue)
                })
        });
        let found = found.take(query.most as usize);
        Ok(found.map(|standing| state.found(standing)).collect())
    }

    async fn issue_lines(&self, keys: &[IssueKey]) -> Result<IssueLines, StoreError> {
        let state = self.lock();
        let repos: BTreeSet<RepoId> = keys.iter().map(|key| key.0).collect();
        let words = repos.iter().filter_map(|id| {
            let policy = state.tables.repo_policies.get(id)?.policy.as_ref()?;
            Some((*id, policy.priority.clone())).filter(|(_, words)| !words.is_empty())
        });
        let known = repos.iter().filter_map(|id| state.repos.get(id));
        Ok(IssueLines {
            lines: keys.iter().filter_map(|key| state.line(*key)).collect(),
            priorities: words.collect(),
            repos: known.map(|repo| (repo.id, repo.clone())).collect(),
        })
    }

    async fn working(&self, query: &WorkingQuery) -> Result<Vec<WorkingClaim>, StoreError> {
        let state = self.lock();
        let claims = state.active_claims().filter(|claim| {
            state.sees(&query.scope, claim.repo)
                && query
                    .agent
                    .as_ref()
                    .is_none_or(|agent| *agent == claim.agent)
                && query.status.is_none_or(|status| status == claim.status)
                && (query.after.as_ref()).is_none_or(|after| working_cursor(claim) > *after)
        });
        let mut claims: Vec<&Claim> = claims.collect();
        claims.sort_by_key(|claim| working_cursor(claim));
        let claims = claims.into_iter().take(query.limit as usize);
        Ok(claims.map(|claim| state.working_claim(claim)).collect())
    }

    async fn working_counts(
        &self,
        agent: Option<&AgentId>,
        scope: &Scope,
    ) -> Result<WorkingCounts, StoreError> {
        let state = self.lock();
        let claims = state.active_claims().filter(|claim| {
            state.sees(scope, claim.repo) && agent.is_none_or(|agent| *agent == claim.agent)
        });
        let mut counts = WorkingCounts::default();
        let mut agents = BTreeSet::new();
        for claim in claims {
            *counts.claims.entry(claim.status).or_default() += 1;
            agents.insert(&claim.agent);
        }
        let waits = state.followups.values().filter(|item| {
            matches!(item.status, FollowupStatus::Queued | FollowupStatus::Stale)
                && state.sees(scope, item.repo)
        });
        counts.agents = agents.len() as u64;
        counts.feedback_waiting = waits.count() as u64;
        Ok(counts)
    }

    async fn attention(&self, query: &AttentionQuery) -> Result<AttentionRows, StoreError> {
        let state = self.lock();
        let mut rows = AttentionRows {
            parked: state.parked(query),
            unclaimed: state.unclaimed(query),
            failed_writes: state.writes(&query.scope, true),
            policies: state.policies(query),
        };
        let most = query.most as usize;
        rows.parked.truncate(most);
        rows.unclaimed.truncate(most);
        rows.failed_writes.truncate(most);
        rows.policies.truncate(most);
        Ok(rows)
    }

    async fn pulls_of_issue(&self, key: IssueKey) -> Result<Vec<PullOfIssue>, StoreError> {
        let state = self.lock();
        let claims = state.claims.values().filter(|claim| claim.key() == key);
        let named = claims.filter_map(|claim| claim.pull);
        let closing = state.pulls.values().filter(|pull| {
            pull.repo == key.0 && pull.is_candidate() && pull.closing.issues.contains(&key.1)
        });
        let keys: BTreeSet<PullKey> = named.chain(closing.map(|pull| pull.key())).collect();
        let pulls = keys.into_iter().filter_map(|key| {
            Some(PullOfIssue {
                repo: state.repos.get(&key.0)?.facts.name.clone(),
                number: key.1,
                facts: state.pulls.get(&key).map(|pull| pull.facts.clone()),
            })
        });
        Ok(pulls.collect())
    }

    async fn daily(
        &self,
        scope: &Scope,
        from: Day,
        to: Day,
    ) -> Result<Vec<DailyNumber>, StoreError> {
        let state = self.lock();
        let wanted = |key: &DailyKey| match scope {
            Scope::All => key.repo_id == DailyKey::ALL,
            Scope::Only(_) => key.repo_id != DailyKey::ALL && state.sees(scope, key.repo_id),
        };
        let days = state.daily.iter();
        let days = days.filter(|(key, _)| (from..=to).contains(&key.day) && wanted(key));
        let numbers = days.map(|(key, n)| DailyNumber { key: *key, n: *n });
        Ok(numbers.collect())
    }

    async fn agents_page(
        &self,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<KnownAgent>, StoreError> {
        let state = self.lock();
        let agents = state.tables.agents.rows();
        let behind = agents.filter(|row| after.is_none_or(|after| row.id > *after));
        Ok(behind.take(limit as usize).cloned().collect())
    }

    async fn agents_count(&self) -> Result<u64, StoreError> {
        Ok(self.lock().tables.agents.rows().count() as u64)
    }

    async fn agent_totals(&self, agent: &AgentId) -> Result<BTreeMap<Measure, u64>, StoreError> {
        let state = self.lock();
        let own = state.agent_totals.iter();
        let own = own.filter(|(key, _)| key.agent_id == *agent);
        Ok(own.map(|(key, (n, _))| (key.measure, *n)).collect())
    }

    async fn waiting_deliveries(&self, limit: u32) -> Result<Vec<WaitingDelivery>, StoreError> {
        let state = self.lock();
        let rows = state.tables.deliveries.rows();
        let rows = rows.filter(|row| row.processed_at.is_none());
        let mut rows: Vec<&StoredDelivery> = rows.collect();
        rows.sort_by_key(|row| {
            let is_dead = row.attempts >= StoredDelivery::MAX_ATTEMPTS;
            (!is_dead, row.received_at, row.id.clone())
        });
        let rows = rows.into_iter().take(limit as usize);
        let waiting = rows.map(|row| WaitingDelivery {
            id: row.id.clone(),
            delivery_id: row.delivery.id.clone(),
            event: row.delivery.event.clone(),
            received_at: row.received_at,
            attempts: row.attempts,
            error: row.error.clone(),
        });
        Ok(waiting.collect())
    }

    async fn outbox(&self, scope: &Scope, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let state = self.lock();
        let (failed, waiting) = (state.writes(scope, true), state.writes(scope, false));
        Ok(failed
            .into_iter()
            .chain(waiting)
            .take(limit as usize)
            .collect())
    }
}
