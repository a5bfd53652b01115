//! The store: commands to the writer, questions to the readers.

mod health;
mod identity;
pub(crate) mod sql;

use std::collections::BTreeSet;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, SecretHash};
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::id::{AgentId, IdGenerator, IssueNumber};
use issuecommand_core::domain::issue::{IssueFilter, MirroredIssue};
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::ports::store::{
    AllowedRepo, ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryQuery, OpenRow, RepoCount,
    StatusCounts, Store, StoreCondition, StoreHealth,
};
use issuecommand_store::{RandomIds, TALLY, Writer, WriterOptions, tally};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use uuid::Uuid;

pub use self::identity::Identity;
use crate::backend::PostgresBackend;
use crate::bulk::{Args, read};
use crate::guard::Guard;
use crate::load::window;
use crate::open;
use crate::options::PostgresOptions;
use crate::readers::Readers;
use crate::rows::followups::{DeliveryOut, LinkedOut, ShownOut};
use crate::rows::keys::KeyRow;
use crate::rows::{
    ClaimRow, EventRow, IssueRow, OpenIssueRow, OutboxRow, RepoRow, json, name, number,
};
use crate::watch::Watch;

/// The store in one PostgreSQL database; see the crate.
#[derive(Debug)]
pub struct PostgresStore {
    writer: Writer,
    readers: Readers,
    watch: Watch,
    guard: Guard,
    place: String,
}

impl PostgresStore {
    /// Connects to the database and brings it up to date; on the current tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] for a database of a newer version, which is left untouched; [`StoreError::Unavailable`] where
    /// it cannot be reached or must not be used; [`StoreError::Busy`]; [`StoreError::Corrupt`] where it holds tables of somebody
    /// else with our names.
    pub async fn open(options: PostgresOptions, policy: Policy) -> Result<Self, StoreError> {
        Self::open_with_ids(options, policy, Box::new(RandomIds)).await
    }

    /// The same with ids of one's own.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub async fn open_with_ids(
        options: PostgresOptions,
        policy: Policy,
        ids: Box<dyn IdGenerator>,
    ) -> Result<Self, StoreError> {
        let mut options = options;
        let (mut opened, schema) = open::open(&options).await?;
        let (guard, now) = Guard::on(&mut opened, &schema).await?;
        options.time_was_read(now);
        options.schema = Some(schema);
        let name = Uuid::new_v4().to_string();
        let backend = PostgresBackend::new(&options, opened, &name, guard.clone());
        let how = WriterOptions {
            patience: options.lock_timeout,
            ..WriterOptions::default()
        };
        let writer = Writer::spawn(backend, policy, ids, how);
        let watch = Watch::start(&options, writer.clone(), name);
        Ok(Self {
            writer,
            readers: Readers::new(&options),
            watch,
            guard,
            place: options.place(),
        })
    }

    /// Takes no more commands, finishes those that wait, and closes all connections.
    pub async fn close(&self) {
        self.writer.close().await;
        self.watch.close();
        self.readers.close().await;
    }

    /// Asks one statement.
    async fn ask<T>(&self, sql: &'static str, args: Args) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, PgRow>,
    {
        self.guard.fence.check()?;
        let readers = self.readers.clone();
        let question = async move {
            let mut reading = readers.begin().await?;
            let found = reading.db()?.rows(sql, args).await?;
            reading.end().await?;
            Ok(found)
        };
        read(&self.readers.ask(question).await?)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        self.writer.transact(command).await
    }

    fn still_there(&self) -> Result<(), StoreError> {
        self.guard.fence.check()
    }

    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError> {
        let sql = if filter.agent.is_some() {
            sql::CLAIMS_OF_AGENT
        } else {
            sql::CLAIMS
        };
        let args = Args::default()
            .text(filter.agent.as_ref().map(AgentId::as_str))?
            .text(filter.repo.as_ref().map(RepoName::key))?
            .text(filter.status.map(ClaimStatus::as_str))?
            .with(scope(&filter.scope))?;
        let rows: Vec<ClaimRow> = self.ask(sql, args).await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError> {
        let after = query.after.as_ref();
        let args = Args::default()
            .text(query.agent.as_ref().map(AgentId::as_str))?
            .text(query.repo.as_ref().map(RepoName::key))?
            .with(scope(&query.scope))?
            .with(after.map(|cursor| cursor.ended.0))?
            .text(after.map(|cursor| &cursor.claim))?
            .with(i64::from(query.limit))?
            .text(query.status.map(ClaimStatus::as_str))?;
        let rows: Vec<ClaimRow> = self.ask(sql::HISTORY, args).await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError> {
        self.guard.fence.check()?;
        let (readers, filter) = (self.readers.clone(), filter.clone());
        let question = async move {
            let mut reading = readers.begin().await?;
            let mut db = reading.db()?;
            let keys = window::keys(&mut db, &filter, &Scope::All, usize::MAX).await?;
            let found = db.rows(sql::ISSUES, Args::default().keys(&keys)?).await?;
            reading.end().await?;
            Ok(found)
        };
        read::<IssueRow>(&self.readers.ask(question).await?)?
            .into_iter()
            .map(IssueRow::issue)
            .collect()
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError> {
        let args = Args::default().text(Some(repo.key()))?.with(number.get())?;
        let rows: Vec<IssueRow> = self.ask(sql::ISSUE, args).await?;
        rows.into_iter().next().map(IssueRow::issue).transpose()
    }

    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError> {
        #[derive(FromRow)]
        struct Row {
            #[sqlx(flatten)]
            repo: RepoRow,
            open: i64,
        }
        let rows: Vec<Row> = self.ask(sql::REPOS, Args::default()).await?;
        let count = |row: Row| {
            Ok(RepoCount {
                repo: row.repo.repo()?,
                open: row.open.cast_unsigned(),
            })
        };
        rows.into_iter().map(count).collect()
    }

    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError> {
        let args = Args::default().text(Some(name.key()))?;
        let rows: Vec<RepoRow> = self.ask(sql::REPO, args).await?;
        rows.into_iter().next().map(RepoRow::repo).transpose()
    }

    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError> {
        #[derive(FromRow)]
        struct Row {
            asked: String,
            bound: bool,
            names: String,
            #[sqlx(flatten)]
            repo: RepoRow,
        }
        let args = Args::default().texts(names.iter().map(RepoName::key))?;
        let rows: Vec<Row> = self.ask(sql::ALLOWED_REPOS, args).await?;
        let read = |row: Row| {
            let names: Vec<String> = json(&row.names)?;
            let names = names
                .iter()
                .map(|key| name(key))
                .collect::<Result<_, _>>()?;
            Ok(AllowedRepo {
                asked: name(&row.asked)?,
                repo: row.repo.repo()?,
                bound: row.bound,
                names,
            })
        };
        rows.into_iter().map(read).collect()
    }

    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError> {
        let args = Args::default().with(github_id)?;
        let rows: Vec<RepoRow> = self.ask(sql::REPO_ON_GITHUB, args).await?;
        rows.into_iter().next().map(RepoRow::repo).transpose()
    }

    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError> {
        let args = Args::default().text(Some(repo.key()))?;
        let rows: Vec<OpenIssueRow> = self.ask(sql::OPEN_ROWS, args).await?;
        rows.into_iter().map(OpenIssueRow::open).collect()
    }

    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError> {
        let args = Args::default().text(Some(repo.key()))?;
        let rows: Vec<(i64,)> = self.ask(sql::OPEN_PULLS, args).await?;
        rows.into_iter().map(|(n,)| number(n)).collect()
    }

    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError> {
        let args = Args::default().text(Some(repo.key()))?;
        let rows: Vec<(i64,)> = self.ask(sql::OPEN_COUNT, args).await?;
        Ok(rows.first().map_or(0, |(count,)| count.cast_unsigned()))
    }

    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError> {
        let args = Args::default()
            .text(filter.owner.as_ref().map(AgentId::as_str))?
            .text(filter.repo.as_ref().map(RepoName::key))?
            .text(filter.status.map(FollowupStatus::as_str))?
            .with(filter.number.map(IssueNumber::get))?
            .with(scope(&filter.scope))?;
        let rows: Vec<ShownOut> = if filter.status.is_some_and(FollowupStatus::is_terminal) {
            let args = args.with(i64::from(ENDED_LISTED))?;
            self.ask(sql::ENDED_FOLLOWUPS, args).await?
        } else {
            self.ask(sql::FOLLOWUPS, args).await?
        };
        rows.into_iter().map(ShownOut::item).collect()
    }

    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError> {
        let rows: Vec<LinkedOut> = self.ask(sql::LINKED_PULLS, Args::default()).await?;
        rows.into_iter().map(LinkedOut::linked).collect()
    }

    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError> {
        let args = Args::default()
            .with(i64::from(StoredDelivery::MAX_ATTEMPTS))?
            .with(i64::from(limit))?;
        let rows: Vec<DeliveryOut> = self.ask(sql::DEFERRED_DELIVERIES, args).await?;
        rows.into_iter().map(DeliveryOut::delivery).collect()
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let args = Args::default().with(now.0)?.with(i64::from(limit))?;
        let rows: Vec<OutboxRow> = self.ask(sql::DUE_OUTBOX, args).await?;
        rows.into_iter().map(OutboxRow::entry).collect()
    }

    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        let args = Args::default().with(seq)?.with(i64::from(limit))?;
        let rows: Vec<EventRow> = self.ask(sql::EVENTS_AFTER, args).await?;
        rows.into_iter().map(EventRow::event).collect()
    }

    async fn last_event(&self) -> Result<Seq, StoreError> {
        let rows: Vec<(i64,)> = self.ask(sql::LAST_EVENT, Args::default()).await?;
        Ok(rows.first().map_or(0, |(seq,)| *seq))
    }

    async fn oldest_event(&self) -> Result<Seq, StoreError> {
        let rows: Vec<(i64,)> = self.ask(sql::OLDEST_EVENT, Args::default()).await?;
        Ok(rows.first().map_or(1, |(seq,)| *seq))
    }

    async fn health(&self, within: &Scope) -> Result<StoreHealth, StoreError> {
        self.counted(within).await
    }

    async fn condition(&self) -> Result<StoreCondition, StoreError> {
        self.looked_at().await
    }

    async fn tally(&self) -> Result<StatusCounts, StoreError> {
        tally(self.ask(TALLY, Args::default()).await?)
    }

    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError> {
        let args = Args::default().text(Some(hash.to_string()))?;
        let rows: Vec<KeyRow> = self.ask(sql::KEY_BY_HASH, args).await?;
        rows.into_iter().next().map(KeyRow::key).transpose()
    }

    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError> {
        let rows: Vec<KeyRow> = self.ask(sql::KEYS, Args::default()).await?;
        rows.into_iter().map(KeyRow::key).collect()
    }

    async fn changed(&self) {
        self.watch.changed(&self.writer).await;
    }
}

/// The name keys of a scope; `None` for no limit.
pub(crate) fn scope(scope: &Scope) -> Option<Vec<String>> {
    match scope {
        Scope::All => None,
        Scope::Only(repos) => Some(repos.iter().map(|repo| repo.key().to_owned()).collect()),
    }
}
