//! The store over one PostgreSQL database: how it is opened, and how questions are asked.

pub(crate) mod explain;
mod identity;
pub(crate) mod reads;
pub(crate) mod sql;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::policy::Policy;
use issuecommand_store::{RandomIds, Writer, WriterOptions};
use issuecommand_store_sql::rows::{IssueRow, decode};
use issuecommand_store_sql::{Ask, CandidateQuestion, Connection, Database, SqlStore, Statements};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use uuid::Uuid;

pub use self::identity::Identity;
use crate::backend::PostgresBackend;
use crate::change_notifier::ChangeNotifier;
use crate::guard::Guard;
use crate::load::window;
use crate::open;
use crate::options::PostgresOptions;
use crate::readers::Readers;
use crate::statement::Args;

/// The store in one PostgreSQL database; see the crate. [`PostgresOptions::open`] opens it.
pub type PostgresStore = SqlStore<PostgresDatabase>;

/// An open PostgreSQL database, but for the connection that writes.
#[derive(Debug)]
pub struct PostgresDatabase {
    readers: Readers,
    notifier: ChangeNotifier,
    guard: Guard,
    place: String,
}

impl PostgresOptions {
    /// Connects to the database and brings it up to date; on the current tokio runtime.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] for a database of a newer version, which is left untouched; [`StoreError::Unavailable`] where
    /// it cannot be reached or must not be used; [`StoreError::Busy`]; [`StoreError::Corrupt`] where it holds tables of somebody
    /// else with our names.
    pub async fn open(self, policy: Policy) -> Result<PostgresStore, StoreError> {
        self.open_with_ids(policy, Box::new(RandomIds)).await
    }

    /// The same with another source of ids.
    ///
    /// # Errors
    /// As [`PostgresOptions::open`].
    pub async fn open_with_ids(
        mut self,
        policy: Policy,
        ids: Box<dyn IdGenerator>,
    ) -> Result<PostgresStore, StoreError> {
        let (mut opened, schema) = open::open(&self).await?;
        let (guard, now) = Guard::on(&mut opened, &schema).await?;
        self.time_was_read(now);
        self.schema = Some(schema);
        let name = Uuid::new_v4().to_string();
        let backend = PostgresBackend::new(&self, opened, &name, guard.clone());
        let how = WriterOptions {
            patience: self.lock_timeout,
            ..WriterOptions::default()
        };
        let writer = Writer::spawn(backend, policy, ids, how);
        let notifier = ChangeNotifier::start(&self, writer.clone(), name);
        let database = PostgresDatabase {
            readers: Readers::new(&self),
            notifier,
            guard,
            place: self.place(),
        };
        Ok(SqlStore::new(writer, database))
    }
}

impl Connection for PostgresDatabase {
    type Args = Args;
}

#[async_trait]
impl<R> Ask<R> for PostgresDatabase
where
    R: for<'r> FromRow<'r, PgRow> + Send,
{
    async fn ask(&self, sql: &'static str, args: Args) -> Result<Vec<R>, StoreError> {
        self.guard.fence.check()?;
        let readers = self.readers.clone();
        let question = async move {
            let mut reading = readers.begin().await?;
            let found = reading.db()?.rows(sql, args).await?;
            reading.end().await?;
            Ok(found)
        };
        decode(&self.readers.ask(question).await?)
    }
}

#[async_trait]
impl Database for PostgresDatabase {
    const STATEMENTS: &'static Statements = &sql::ALL;

    fn check(&self) -> Result<(), StoreError> {
        self.guard.fence.check()
    }

    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<IssueRow>, StoreError> {
        self.guard.fence.check()?;
        let (readers, filter) = (self.readers.clone(), filter.clone());
        let question = async move {
            let mut reading = readers.begin().await?;
            let mut db = reading.db()?;
            let lanes: Vec<(String,)> = db.read(explain::LANES, Args::default()).await?;
            let lanes: Vec<Lane> = lanes.into_iter().map(|(lane,)| Lane::new(lane)).collect();
            let lanes: Vec<&Lane> = lanes.iter().collect();
            let keys = window::keys(&mut db, CandidateQuestion::all(&filter, &lanes)).await?;
            let found = db.rows(sql::ISSUES, Args::default().keys(&keys)?).await?;
            reading.end().await?;
            Ok(found)
        };
        decode(&self.readers.ask(question).await?)
    }

    async fn changed(&self, writer: &Writer) {
        self.notifier.changed(writer).await;
    }

    async fn close(&self) {
        self.notifier.close();
        self.readers.close().await;
    }
}
