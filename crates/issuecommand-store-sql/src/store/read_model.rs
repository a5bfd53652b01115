//! The questions of the read model.

mod issues;
mod rows;

use std::collections::BTreeMap;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::daily::{Day, Measure};
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, IssueKey, IssueNumber};
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::session::KnownAgent;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::ports::read_model::{
    AttentionQuery, AttentionRows, BlockedCursor, DailyNumber, EventPlace, FoundIssue, IssueLines,
    IssuePageQuery, PullOfIssue, QueueCursor, ReadModel, SearchQuery, WaitingDelivery,
    WorkingClaim, WorkingCounts, WorkingQuery,
};
use serde::de::DeserializeOwned;

use self::rows::{
    BrokenPolicyRow, DailyRow, ExtrasRow, ParkedRow, PullOfIssueRow, Readable, UnclaimedRow,
    WaitingDeliveryRow, measure,
};
use super::{Args as _, Database, SqlStore};
use crate::error::unreadable;
use crate::json::{parse, text};
use crate::plain::{AgentRow, OutboxRow};
use crate::rows::{ClaimRow, EventRow};

impl<D: Database> SqlStore<D> {
    /// Asks for rows of one JSON text each.
    async fn json<R: DeserializeOwned + Readable>(
        &self,
        sql: &'static str,
        args: D::Args,
    ) -> Result<Vec<R::Value>, StoreError> {
        let rows: Vec<(String,)> = self.database.ask(sql, args).await?;
        let rows = rows.iter().map(|(row,)| parse::<R>(row)?.read());
        rows.collect()
    }

    /// Adds to claims what people ask about them.
    async fn with_extras(&self, claims: Vec<Claim>) -> Result<Vec<WorkingClaim>, StoreError> {
        let ids: Vec<String> = claims.iter().map(|claim| claim.id.to_string()).collect();
        let args = D::Args::default().texts(ids.iter().map(String::as_str))?;
        let sql = D::STATEMENTS.reads.working_extras;
        let extras = self.json::<ExtrasRow>(sql, args).await?;
        let mut extras: BTreeMap<String, _> = extras.into_iter().collect();
        let working = claims.into_iter().map(|claim| {
            let found = extras.remove(&claim.id.to_string());
            let (feedback, client) = found.unwrap_or_default();
            WorkingClaim {
                claim,
                feedback,
                client,
            }
        });
        Ok(working.collect())
    }

    async fn writes(
        &self,
        sql: &'static str,
        scope: &Scope,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let args = D::Args::default().scope(scope)?.number(i64::from(limit))?;
        self.all::<OutboxRow>(sql, args).await
    }
}

#[async_trait]
impl<D: Database> ReadModel for SqlStore<D> {
    async fn events_before(
        &self,
        place: &EventPlace,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let (sql, args) = match place {
            EventPlace::All => (sql.events_before, D::Args::default()),
            EventPlace::Agent(agent) => (
                sql.events_of_agent,
                D::Args::default().text(Some(agent.as_str()))?,
            ),
            EventPlace::Subjects(subjects) => {
                let list: Vec<(&str, i64)> = subjects
                    .iter()
                    .map(|(repo, number): &(String, IssueNumber)| (repo.as_str(), number.get()))
                    .collect();
                let list = text(&list)?;
                (
                    sql.events_of_subjects,
                    D::Args::default().text(Some(&list))?,
                )
            }
        };
        let args = args.number(before)?.number(i64::from(limit))?;
        self.all::<EventRow>(sql, args).await
    }

    async fn ready_page(
        &self,
        query: &IssuePageQuery<QueueCursor>,
    ) -> Result<Vec<QueueCursor>, StoreError> {
        self.page_of_ready(query).await
    }

    async fn blocked_page(
        &self,
        query: &IssuePageQuery<BlockedCursor>,
        reason: Option<ReasonCode>,
    ) -> Result<Vec<BlockedCursor>, StoreError> {
        self.page_of_blocked(query, reason).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<Vec<FoundIssue>, StoreError> {
        self.found(query).await
    }

    async fn issue_lines(&self, keys: &[IssueKey]) -> Result<IssueLines, StoreError> {
        self.lines(keys).await
    }

    async fn working(&self, query: &WorkingQuery) -> Result<Vec<WorkingClaim>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let agent = query.agent.as_ref().map(AgentId::as_str);
        let sql = agent.map_or(sql.working, |_| sql.working_of_agent);
        let after = query.after.as_ref();
        let args = D::Args::default()
            .text(agent)?
            .text(query.status.map(ClaimStatus::as_str))?
            .scope(&query.scope)?
            .number(after.map_or(i64::MIN, |cursor| cursor.claimed_at.0))?
            .text(Some(after.map_or("", |cursor| cursor.claim.as_str())))?
            .number(i64::from(query.limit))?;
        let claims = self.all::<ClaimRow>(sql, args).await?;
        self.with_extras(claims).await
    }

    async fn working_counts(
        &self,
        agent: Option<&AgentId>,
        scope: &Scope,
    ) -> Result<WorkingCounts, StoreError> {
        let args = D::Args::default()
            .text(agent.map(AgentId::as_str))?
            .scope(scope)?;
        let sql = D::STATEMENTS.reads.working_counts;
        let rows: Vec<(String, i64)> = self.database.ask(sql, args).await?;
        let mut counts = WorkingCounts::default();
        for (what, n) in rows {
            let n = n.unsigned_abs();
            match what.as_str() {
                "agents" => counts.agents = n,
                "feedback" => counts.feedback_waiting = n,
                status => {
                    let status = ClaimStatus::parse(status);
                    let status = status.ok_or_else(|| unreadable(format!("status {what:?}")))?;
                    counts.claims.insert(status, n);
                }
            }
        }
        Ok(counts)
    }

    async fn attention(&self, query: &AttentionQuery) -> Result<AttentionRows, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let most = i64::from(query.most);
        let args = || D::Args::default().scope(&query.scope)?.number(most);
        let unclaimed = match query.unclaimed_before {
            Some(before) => {
                let args = args()?.number(before.0)?;
                self.json::<UnclaimedRow>(sql.unclaimed, args).await?
            }
            None => Vec::new(),
        };
        Ok(AttentionRows {
            parked: self.json::<ParkedRow>(sql.parked, args()?).await?,
            unclaimed,
            failed_writes: self
                .writes(sql.failed_writes, &query.scope, query.most)
                .await?,
            policies: self
                .json::<BrokenPolicyRow>(sql.broken_policies, args()?)
                .await?,
        })
    }

    async fn pulls_of_issue(&self, key: IssueKey) -> Result<Vec<PullOfIssue>, StoreError> {
        let args = D::Args::default().number(key.0.0)?.number(key.1.get())?;
        let sql = D::STATEMENTS.reads.pulls_of_issue;
        self.json::<PullOfIssueRow>(sql, args).await
    }

    async fn daily(
        &self,
        scope: &Scope,
        from: Day,
        to: Day,
    ) -> Result<Vec<DailyNumber>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let args = D::Args::default().number(from.0)?.number(to.0)?;
        let (sql, args) = match scope {
            Scope::All => (sql.daily, args),
            Scope::Only(_) => (sql.daily_of, args.scope(scope)?),
        };
        let mut numbers = self.json::<DailyRow>(sql, args).await?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    async fn agents_page(
        &self,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<KnownAgent>, StoreError> {
        let args = D::Args::default()
            .text(Some(after.map_or("", AgentId::as_str)))?
            .number(i64::from(limit))?;
        let sql = D::STATEMENTS.reads.agents_page;
        self.all::<AgentRow>(sql, args).await
    }

    async fn agents_count(&self) -> Result<u64, StoreError> {
        let sql = D::STATEMENTS.reads.agents_count;
        let count = self.number(sql, D::Args::default()).await?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    async fn agent_totals(&self, agent: &AgentId) -> Result<BTreeMap<Measure, u64>, StoreError> {
        let args = D::Args::default().text(Some(agent.as_str()))?;
        let sql = D::STATEMENTS.reads.agent_totals;
        let rows: Vec<(String, i64)> = self.database.ask(sql, args).await?;
        let number = |(text, n): &(String, i64)| Ok((measure(text)?, n.unsigned_abs()));
        rows.iter().map(number).collect()
    }

    async fn waiting_deliveries(&self, limit: u32) -> Result<Vec<WaitingDelivery>, StoreError> {
        let args = D::Args::default()
            .number(i64::from(StoredDelivery::MAX_ATTEMPTS))?
            .number(i64::from(limit))?;
        let sql = D::STATEMENTS.reads.waiting_deliveries;
        self.json::<WaitingDeliveryRow>(sql, args).await
    }

    async fn outbox(&self, scope: &Scope, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = &D::STATEMENTS.reads;
        let mut entries = self.writes(sql.failed_writes, scope, limit).await?;
        let found = u32::try_from(entries.len()).unwrap_or(limit);
        let rest = limit.saturating_sub(found);
        entries.extend(self.writes(sql.waiting_writes, scope, rest).await?);
        Ok(entries)
    }
}
