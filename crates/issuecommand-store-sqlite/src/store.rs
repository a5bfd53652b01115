//! The store: commands to the writer, questions to the readers.

mod health;
mod identity;
pub(crate) mod sql;
mod withheld;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, SecretHash};
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{Followup, FollowupStatus};
use issuecommand_core::domain::id::{IdGenerator, IssueNumber};
use issuecommand_core::domain::issue::{IssueFilter, MirroredIssue};
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Timestamp};
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::ports::store::{
    AllowedRepo, ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryQuery, OpenRow, RepoCount,
    StatusCounts, Store, StoreCondition, StoreHealth,
};
use issuecommand_store::{RandomIds, TALLY, Writer, WriterOptions, tally};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{FromRow, Sqlite, Transaction};

pub use self::identity::Identity;
use crate::backend::SqliteBackend;
use crate::bulk::{Args, read, rows};
use crate::error::{db, unreadable};
use crate::guard::Guard;
use crate::load::window;
use crate::open;
use crate::options::SqliteOptions;
use crate::rows::followups::{DeliveryOut, LinkedOut, ShownOut};
use crate::rows::keys::KeyRow;
use crate::rows::{
    ClaimRow, EventRow, IssueRow, OpenIssueRow, OutboxRow, RepoRow, json, name, number,
};
use crate::watch::Watch;

/// The store in one SQLite file; see the crate.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    watch: Watch,
    guard: Guard,
}

impl SqliteStore {
    /// Opens the file, makes it if there is none, and brings it up to date; on the current tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is not ours, [`StoreError::NewerSchema`] for one of a newer version (both are
    /// left untouched), [`StoreError::Unavailable`] where it cannot or must not be opened, [`StoreError::Busy`].
    pub async fn open(
        options: SqliteOptions,
        policy: Policy,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::open_with_ids(options, policy, clock, Box::new(RandomIds)).await
    }

    /// The same with ids of one's own.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with_ids(
        options: SqliteOptions,
        policy: Policy,
        clock: Arc<dyn Clock>,
        ids: Box<dyn IdGenerator>,
    ) -> Result<Self, StoreError> {
        // A working folder that is moved takes relative paths along, and with them the eye for what stands at this one.
        let mut options = options;
        options.path = std::path::absolute(&options.path).map_err(|error| {
            StoreError::Unavailable(format!("{}: {error}", options.path.display()))
        })?;
        let (conn, opened) = open::open(&options, clock.now()).await?;
        let guard = Guard::new(opened);
        let backend = SqliteBackend::new(&options, conn, clock, guard.clone()).await?;
        let watch = Watch::open(&options, guard.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .acquire_timeout(options.busy_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(options.reader());
        let how = WriterOptions {
            patience: options.busy_timeout,
            ..WriterOptions::default()
        };
        let writer = Writer::spawn(backend, policy, ids, how);
        Ok(Self {
            writer,
            readers,
            watch,
            guard,
        })
    }

    /// Takes no more commands, finishes those that wait, and closes the file.
    pub async fn close(&self) {
        self.writer.close().await;
        self.watch.close().await;
        self.readers.close().await;
    }

    /// A short transaction, so that what is read in several statements is of one moment.
    async fn reading(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.guard.check()?;
        let begun = self.readers.begin().await.map_err(db);
        begun.map_err(|error| self.guard.explain(error))
    }

    /// Asks one statement.
    async fn ask<T>(&self, sql: &'static str, args: Args) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        self.guard.check()?;
        let asked = async {
            let mut conn = self.readers.acquire().await.map_err(db)?;
            read(&rows(&mut conn, sql, args).await?)
        };
        asked.await.map_err(|error| self.guard.explain(error))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError> {
        self.writer.transact(command).await
    }

    fn still_there(&self) -> Result<(), StoreError> {
        self.guard.check()
    }

    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError> {
        let sql = if filter.agent.is_some() {
            sql::CLAIMS_OF_AGENT
        } else {
            sql::CLAIMS
        };
        let args = Args::default()
            .with(filter.agent.as_ref().map(|agent| agent.as_str().to_owned()))?
            .with(filter.repo.as_ref().map(|repo| repo.key().to_owned()))?
            .with(filter.status.map(|status| status.as_str().to_owned()))?
            .with(scope(&filter.scope)?)?;
        let rows: Vec<ClaimRow> = self.ask(sql, args).await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError> {
        let after = query.after.as_ref();
        let args = Args::default()
            .with(query.agent.as_ref().map(|agent| agent.as_str().to_owned()))?
            .with(query.repo.as_ref().map(|repo| repo.key().to_owned()))?
            .with(scope(&query.scope)?)?
            .with(after.map(|cursor| cursor.ended.0))?
            .with(after.map(|cursor| cursor.claim.clone()))?
            .with(query.limit)?
            .with(query.status.map(|status| status.as_str().to_owned()))?;
        let rows: Vec<ClaimRow> = self.ask(sql::HISTORY, args).await?;
        rows.into_iter().map(ClaimRow::claim).collect()
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError> {
        let mut conn = self.reading().await?;
        let keys = window::keys(&mut conn, filter, &Scope::All, usize::MAX).await?;
        let found = rows(&mut conn, sql::ISSUES, Args::default().list(&keys)?).await?;
        conn.rollback().await.map_err(db)?;
        read::<IssueRow>(&found)?
            .into_iter()
            .map(IssueRow::issue)
            .collect()
    }

    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError> {
        let args = Args::default()
            .with(repo.key().to_owned())?
            .with(number.get())?;
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
        let args = Args::default().with(name.key().to_owned())?;
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
        let keys: Vec<&str> = names.iter().map(RepoName::key).collect();
        let args = Args::default().list(&keys)?;
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
        let args = Args::default().with(repo.key().to_owned())?;
        let rows: Vec<OpenIssueRow> = self.ask(sql::OPEN_ROWS, args).await?;
        rows.into_iter().map(OpenIssueRow::open).collect()
    }

    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError> {
        let args = Args::default().with(repo.key().to_owned())?;
        let rows: Vec<(i64,)> = self.ask(sql::OPEN_PULLS, args).await?;
        rows.into_iter().map(|(n,)| number(n)).collect()
    }

    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError> {
        let args = Args::default().with(repo.key().to_owned())?;
        let rows: Vec<(i64,)> = self.ask(sql::OPEN_COUNT, args).await?;
        Ok(rows.first().map_or(0, |(count,)| count.cast_unsigned()))
    }

    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError> {
        let args = Args::default()
            .with(filter.owner.as_ref().map(|agent| agent.as_str().to_owned()))?
            .with(filter.repo.as_ref().map(|repo| repo.key().to_owned()))?
            .with(filter.status.map(|status| status.as_str().to_owned()))?
            .with(filter.number.map(IssueNumber::get))?
            .with(scope(&filter.scope)?)?;
        let rows: Vec<ShownOut> = if filter.status.is_some_and(FollowupStatus::is_terminal) {
            let args = args.with(ENDED_LISTED)?;
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
            .with(StoredDelivery::MAX_ATTEMPTS)?
            .with(limit)?;
        let rows: Vec<DeliveryOut> = self.ask(sql::DEFERRED_DELIVERIES, args).await?;
        rows.into_iter().map(DeliveryOut::delivery).collect()
    }

    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let args = Args::default().with(now.0)?.with(limit)?;
        let rows: Vec<OutboxRow> = self.ask(sql::DUE_OUTBOX, args).await?;
        rows.into_iter().map(OutboxRow::entry).collect()
    }

    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError> {
        let args = Args::default().with(seq)?.with(limit)?;
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
        let args = Args::default().with(hash.to_string())?;
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

/// The name keys of a scope as a JSON list; `None` for no limit.
pub(crate) fn scope(scope: &Scope) -> Result<Option<String>, StoreError> {
    match scope {
        Scope::All => Ok(None),
        Scope::Only(repos) => {
            let keys: Vec<&str> = repos.iter().map(RepoName::key).collect();
            serde_json::to_string(&keys).map(Some).map_err(unreadable)
        }
    }
}
