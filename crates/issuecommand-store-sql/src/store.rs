//! The store: commands go to the writer, questions to the database.

mod database;
mod explain;
mod health;
mod questions;
mod read_model;

use std::collections::BTreeSet;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, SecretHash};
use issuecommand_core::domain::attempt::Attempt;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::edge::Cycle;
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::explain::{ExplainQuery, Explained};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{Followup, FollowupStatus, HeldFeedback};
use issuecommand_core::domain::halt::Halt;
use issuecommand_core::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use issuecommand_core::domain::issue::{IssueFilter, IssuePlace, MirroredIssue};
use issuecommand_core::domain::notice::Notice;
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::repo_policy::KnownPolicy;
use issuecommand_core::domain::session::{KnownAgent, Session};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::web_session::WebSession;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::ports::store::{
    AllowedRepo, ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryQuery, OpenRow, RepoCount,
    StatusCounts, Store, StoreCondition, StoreHealth,
};
use issuecommand_store::{STATS, Writer, status_counts, steps_of_text};

pub use self::database::{Args, Ask, Connection, Database};
pub(crate) use self::explain::first_reason;
use self::health::no_meta;
use crate::json::{issue_number, parse, repo_name};
use crate::plain::{self, AgentRow, AttemptRow, HaltRow, KeyRow, NoticeRow, OutboxRow, SessionRow};
use crate::rows::{
    AllowedRepoRow, ClaimRow, EventRow, FollowupWithOwnerRow, IssueRow, LinkedPullRow,
    OpenIssueRow, RepoCountRow, RepoRow, StoredDeliveryRow, UnreadyIssueRow, values,
};

/// A store over a database of one kind.
#[derive(Debug)]
pub struct SqlStore<D> {
    writer: Writer,
    database: D,
}

impl<D: Database> SqlStore<D> {
    /// A store that sends commands to this writer, which writes to the same database.
    pub fn new(writer: Writer, database: D) -> Self {
        Self { writer, database }
    }

    /// The database that is open.
    pub fn database(&self) -> &D {
        &self.database
    }

    /// Takes no more commands, finishes those that wait, and closes all connections.
    pub async fn close(&self) {
        self.writer.close().await;
        self.database.close().await;
    }
}

#[async_trait]
impl<D: Database> Store for SqlStore<D> {
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        self.writer.transact(command).await
    }

    fn still_there(&self) -> Result<(), StoreError> {
        self.database.check()
    }

    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError> {
        let agent = filter.agent.as_ref().map(AgentId::as_str);
        let all = D::STATEMENTS.claims;
        let sql = agent.map_or(all, |_| D::STATEMENTS.claims_of_agent);
        let args = D::Args::default()
            .text(agent)?
            .text(filter.repo.as_ref().map(RepoName::key))?
            .text(filter.status.map(ClaimStatus::as_str))?
            .scope(&filter.scope)?
            .number(filter.limit.map(i64::from))?;
        self.all::<ClaimRow>(sql, args).await
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError> {
        let after = query.after.as_ref();
        let args = D::Args::default()
            .text(query.agent.as_ref().map(AgentId::as_str))?
            .text(query.repo.as_ref().map(RepoName::key))?
            .scope(&query.scope)?
            .number(after.map(|cursor| cursor.ended.0))?
            .text(after.map(|cursor| cursor.claim.as_str()))?
            .number(i64::from(query.limit))?
            .text(query.status.map(ClaimStatus::as_str))?;
        self.all::<ClaimRow>(D::STATEMENTS.history, args).await
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError> {
        values::<IssueRow>(self.database.open_issues(filter).await?)
    }

    async fn unready_issues(
        &self,
        repo: &RepoName,
    ) -> Result<Vec<(MirroredIssue, ReasonSet)>, StoreError> {
        let args = D::Args::default().text(Some(repo.key()))?;
        self.all::<UnreadyIssueRow>(D::STATEMENTS.unready_issues, args)
            .await
    }

    async fn explain(&self, query: &ExplainQuery) -> Result<Explained, StoreError> {
        self.explained(query).await
    }

    async fn attempts(&self, key: IssueKey, limit: u32) -> Result<Vec<Attempt>, StoreError> {
        let args = D::Args::default()
            .number(key.0.0)?
            .number(key.1.get())?
            .number(i64::from(limit))?;
        self.all::<AttemptRow>(D::STATEMENTS.attempts, args).await
    }

    async fn halts(&self) -> Result<Vec<Halt>, StoreError> {
        let halts = self.all::<HaltRow>(D::STATEMENTS.halts, D::Args::default());
        let mut halts = halts.await?;
        halts.sort_by(|a, b| a.of.cmp(&b.of));
        Ok(halts)
    }

    async fn edges_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RepoName, IssueNumber)>, StoreError> {
        let args = D::Args::default().number(now.0)?.number(i64::from(limit))?;
        let rows: Vec<(String, i64)> = self.database.ask(D::STATEMENTS.edges_due, args).await?;
        let row = |(repo, number): (String, i64)| Ok((repo_name(&repo)?, issue_number(number)?));
        rows.into_iter().map(row).collect()
    }

    async fn open_dependencies(&self) -> Result<Vec<(IssuePlace, IssuePlace)>, StoreError> {
        let (sql, args) = (D::STATEMENTS.open_dependencies, D::Args::default());
        let rows: Vec<(String, i64, String, i64)> = self.database.ask(sql, args).await?;
        let place = |repo: &str, number| {
            Ok(IssuePlace {
                repo: repo_name(repo)?,
                number: issue_number(number)?,
            })
        };
        let rows = rows.into_iter();
        let edges = rows.map(|(repo, number, to, to_number)| {
            Ok((place(&repo, number)?, place(&to, to_number)?))
        });
        let mut edges = edges.collect::<Result<Vec<_>, StoreError>>()?;
        edges.sort();
        Ok(edges)
    }

    async fn dependency_cycles(&self) -> Result<Vec<Cycle>, StoreError> {
        let (sql, args) = (D::STATEMENTS.dependency_cycles, D::Args::default());
        let rows: Vec<(String,)> = self.database.ask(sql, args).await?;
        let cycle = |(issues,): &(String,)| parse(issues).map(|issues| Cycle { issues });
        rows.iter().map(cycle).collect()
    }

    async fn repo_policy(&self, repo: RepoId) -> Result<Option<KnownPolicy>, StoreError> {
        let args = D::Args::default().number(repo.0)?;
        let first = self.first::<plain::KnownPolicyRow>(D::STATEMENTS.repo_policy, args);
        first.await
    }

    async fn authors_due(
        &self,
        before: Timestamp,
        private: bool,
        limit: u32,
    ) -> Result<Vec<(RepoName, String)>, StoreError> {
        let args = D::Args::default()
            .number(before.0)?
            .number(i64::from(private))?
            .number(i64::from(limit))?;
        let sql = D::STATEMENTS.authors_due;
        let rows: Vec<(String, String)> = self.database.ask(sql, args).await?;
        let row = |(repo, login): (String, String)| Ok((repo_name(&repo)?, login));
        rows.into_iter().map(row).collect()
    }

    async fn held_feedback(
        &self,
        repo: Option<&RepoName>,
        limit: u32,
    ) -> Result<Vec<(RepoName, HeldFeedback)>, StoreError> {
        let args = D::Args::default()
            .text(repo.map(RepoName::key))?
            .number(i64::from(limit))?;
        let sql = D::STATEMENTS.held_feedback;
        let rows: Vec<(String, String)> = self.database.ask(sql, args).await?;
        let (names, rows): (Vec<String>, Vec<String>) = rows.into_iter().unzip();
        let held = plain::held_feedback(&rows)?;
        let of_repos = names.iter().zip(held);
        of_repos
            .map(|(name, held)| Ok((repo_name(name)?, held)))
            .collect()
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError> {
        let args = D::Args::default()
            .text(Some(repo.key()))?
            .number(number.get())?;
        self.first::<IssueRow>(D::STATEMENTS.issue, args).await
    }

    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError> {
        self.all::<RepoCountRow>(D::STATEMENTS.repos, D::Args::default())
            .await
    }

    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError> {
        let args = D::Args::default().text(Some(name.key()))?;
        self.first::<RepoRow>(D::STATEMENTS.repo, args).await
    }

    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError> {
        let args = D::Args::default().texts(names.iter().map(RepoName::key))?;
        self.all::<AllowedRepoRow>(D::STATEMENTS.allowed_repos, args)
            .await
    }

    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError> {
        let args = D::Args::default().number(github_id)?;
        self.first::<RepoRow>(D::STATEMENTS.repo_on_github, args)
            .await
    }

    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError> {
        let args = D::Args::default().text(Some(repo.key()))?;
        self.all::<OpenIssueRow>(D::STATEMENTS.open_rows, args)
            .await
    }

    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError> {
        let args = D::Args::default().text(Some(repo.key()))?;
        let rows: Vec<(i64,)> = self.database.ask(D::STATEMENTS.open_pulls, args).await?;
        rows.into_iter().map(|(n,)| issue_number(n)).collect()
    }

    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError> {
        let args = D::Args::default().text(Some(repo.key()))?;
        let count = self.number(D::STATEMENTS.open_count, args).await?;
        Ok(count.unwrap_or(0).cast_unsigned())
    }

    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError> {
        let args = D::Args::default()
            .text(filter.owner.as_ref().map(AgentId::as_str))?
            .text(filter.repo.as_ref().map(RepoName::key))?
            .text(filter.status.map(FollowupStatus::as_str))?
            .number(filter.number.map(IssueNumber::get))?
            .scope(&filter.scope)?;
        let (sql, args) = if filter.status.is_some_and(FollowupStatus::is_terminal) {
            let args = args.number(i64::from(ENDED_LISTED))?;
            (D::STATEMENTS.ended_followups, args)
        } else {
            (D::STATEMENTS.followups, args)
        };
        self.all::<FollowupWithOwnerRow>(sql, args).await
    }

    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError> {
        self.all::<LinkedPullRow>(D::STATEMENTS.linked_pulls, D::Args::default())
            .await
    }

    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError> {
        let args = D::Args::default()
            .number(i64::from(StoredDelivery::MAX_ATTEMPTS))?
            .number(i64::from(limit))?;
        self.all::<StoredDeliveryRow>(D::STATEMENTS.deferred_deliveries, args)
            .await
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let args = D::Args::default().number(now.0)?.number(i64::from(limit))?;
        self.all::<OutboxRow>(D::STATEMENTS.due_outbox, args).await
    }

    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        let args = D::Args::default().number(seq)?.number(i64::from(limit))?;
        self.all::<EventRow>(D::STATEMENTS.events_after, args).await
    }

    async fn last_event(&self) -> Result<Seq, StoreError> {
        let seq = self.number(D::STATEMENTS.last_event, D::Args::default());
        Ok(seq.await?.unwrap_or(0))
    }

    async fn oldest_event(&self) -> Result<Seq, StoreError> {
        let seq = self.number(D::STATEMENTS.oldest_event, D::Args::default());
        Ok(seq.await?.unwrap_or(1))
    }

    async fn health(&self, scope: &Scope) -> Result<StoreHealth, StoreError> {
        self.counted_health(scope).await
    }

    async fn condition(&self) -> Result<StoreCondition, StoreError> {
        let (sql, args) = (D::STATEMENTS.condition, D::Args::default());
        let rows: Vec<(i64, Option<String>)> = self.database.ask(sql, args).await?;
        let (last, clock) = rows.into_iter().next().ok_or_else(no_meta)?;
        Ok(StoreCondition {
            last: Timestamp(last),
            steps: steps_of_text(clock.as_deref())?,
            unwritable: self.writer.unwritable(),
        })
    }

    async fn tally(&self) -> Result<StatusCounts, StoreError> {
        status_counts(self.database.ask(STATS, D::Args::default()).await?)
    }

    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError> {
        let args = D::Args::default().text(Some(&hash.to_string()))?;
        self.first::<KeyRow>(D::STATEMENTS.key_by_hash, args).await
    }

    async fn web_session(&self, hash: &SecretHash) -> Result<Option<WebSession>, StoreError> {
        let args = D::Args::default().text(Some(&hash.to_string()))?;
        self.first::<plain::WebSessionRow>(D::STATEMENTS.web_session, args)
            .await
    }

    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        self.all::<KeyRow>(D::STATEMENTS.keys, D::Args::default())
            .await
    }

    async fn agents(&self, agent: Option<&AgentId>) -> Result<Vec<KnownAgent>, StoreError> {
        let args = D::Args::default().text(agent.map(AgentId::as_str))?;
        self.all::<AgentRow>(D::STATEMENTS.agents, args).await
    }

    async fn sessions(&self, agent: Option<&AgentId>) -> Result<Vec<Session>, StoreError> {
        let args = D::Args::default().text(agent.map(AgentId::as_str))?;
        self.all::<SessionRow>(D::STATEMENTS.sessions, args).await
    }

    async fn notices(&self, agent: &AgentId) -> Result<Vec<Notice>, StoreError> {
        let args = D::Args::default().text(Some(agent.as_str()))?;
        self.all::<NoticeRow>(D::STATEMENTS.notices, args).await
    }

    async fn changed(&self) {
        self.database.changed(&self.writer).await;
    }
}
