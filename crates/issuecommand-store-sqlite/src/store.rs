//! The store over one SQLite file: how it is opened, and how questions are asked.

pub(crate) mod explain;
mod identity;
pub(crate) mod reads;
pub(crate) mod sql;

use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_store::{RandomIds, Writer, WriterOptions};
use issuecommand_store_sql::rows::IssueRow;
use issuecommand_store_sql::{Ask, CandidateQuestion, Connection, Database, SqlStore, Statements};
use sqlx::FromRow;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};

pub use self::identity::Identity;
use crate::backend::SqliteBackend;
use crate::change_notifier::ChangeNotifier;
use crate::error::db;
use crate::guard::Guard;
use crate::load::window;
use crate::open;
use crate::options::SqliteOptions;
use crate::statement::{Args, rows};

/// The store in one SQLite file; see the crate. [`SqliteOptions::open`] opens it.
pub type SqliteStore = SqlStore<SqliteFile>;

/// An open SQLite file, but for the connection that writes.
#[derive(Debug)]
pub struct SqliteFile {
    readers: SqlitePool,
    notifier: ChangeNotifier,
    guard: Guard,
}

impl SqliteOptions {
    /// Opens the file, makes it if there is none, and brings it up to date; on the current tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a file that is not ours, [`StoreError::NewerSchema`] for one of a newer version (both are
    /// left untouched), [`StoreError::Unavailable`] where it cannot or must not be opened, [`StoreError::Busy`].
    pub async fn open(
        self,
        policy: Policy,
        clock: Arc<dyn Clock>,
    ) -> Result<SqliteStore, StoreError> {
        self.open_with_ids(policy, clock, Box::new(RandomIds)).await
    }

    /// The same with another source of ids.
    ///
    /// # Errors
    /// As [`SqliteOptions::open`].
    pub async fn open_with_ids(
        mut self,
        policy: Policy,
        clock: Arc<dyn Clock>,
        ids: Box<dyn IdGenerator>,
    ) -> Result<SqliteStore, StoreError> {
        // A relative path would follow a working folder that is moved, and a file that is put in its place would not be noticed.
        self.path = std::path::absolute(&self.path).map_err(|error| {
            StoreError::Unavailable(format!("{}: {error}", self.path.display()))
        })?;
        let (conn, opened) = open::open(&self, clock.now()).await?;
        let guard = Guard::new(opened);
        let backend = SqliteBackend::new(&self, conn, clock, guard.clone()).await?;
        let notifier = ChangeNotifier::open(&self, guard.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(self.readers.max(1))
            .acquire_timeout(self.busy_timeout)
            .test_before_acquire(false)
            .connect_lazy_with(self.reader());
        let how = WriterOptions {
            patience: self.busy_timeout,
            ..WriterOptions::default()
        };
        let writer = Writer::spawn(backend, policy, ids, how);
        let file = SqliteFile {
            readers,
            notifier,
            guard,
        };
        Ok(SqlStore::new(writer, file))
    }
}

impl Connection for SqliteFile {
    type Args = Args;
}

#[async_trait]
impl<R> Ask<R> for SqliteFile
where
    R: for<'r> FromRow<'r, SqliteRow> + Send,
{
    async fn ask(&self, sql: &'static str, args: Args) -> Result<Vec<R>, StoreError> {
        self.guard.check()?;
        let asked = async {
            let mut conn = self.readers.acquire().await.map_err(db)?;
            rows(&mut conn, sql, args).await
        };
        asked.await.map_err(|error| self.guard.explain(error))
    }
}

#[async_trait]
impl Database for SqliteFile {
    const STATEMENTS: &'static Statements = &sql::ALL;

    fn check(&self) -> Result<(), StoreError> {
        self.guard.check()
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<IssueRow>, StoreError> {
        self.guard.check()?;
        // A transaction, so that both statements read the same snapshot.
        let begun = self.readers.begin().await.map_err(db);
        let mut conn = begun.map_err(|error| self.guard.explain(error))?;
        let lanes: Vec<(String,)> = rows(&mut conn, explain::LANES, Args::default()).await?;
        let lanes: Vec<Lane> = lanes.into_iter().map(|(lane,)| Lane::new(lane)).collect();
        let lanes: Vec<&Lane> = lanes.iter().collect();
        let keys = window::keys(&mut conn, CandidateQuestion::all(filter, &lanes)).await?;
        let found = rows(&mut conn, sql::ISSUES, Args::default().list(&keys)?).await?;
        conn.rollback().await.map_err(db)?;
        Ok(found)
    }

    async fn changed(&self, writer: &Writer) {
        self.notifier.changed(writer).await;
    }

    async fn close(&self) {
        self.notifier.close().await;
        self.readers.close().await;
    }
}
