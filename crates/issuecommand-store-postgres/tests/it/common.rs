//! A store in a database of its own.

use std::sync::{Arc, OnceLock};

use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::postgres::{Database, Server};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

/// A temporary database.
#[derive(Debug)]
pub(crate) struct TestDatabase(Database);

impl TestDatabase {
    /// `None` where the machine has no PostgreSQL.
    pub(crate) fn new() -> Option<Self> {
        Some(Self::of(Server::shared()?, ""))
    }

    /// An opened, empty store. It is a copy, because that is faster than creating the tables.
    pub(crate) fn opened() -> Option<Self> {
        static ORIGINAL: OnceLock<TestDatabase> = OnceLock::new();
        let server = Server::shared()?;
        if !server.is_throw_away() {
            // The original would be left behind.
            return Self::new();
        }
        let original = ORIGINAL.get_or_init(|| {
            let place = Self::of(server, "");
            std::thread::scope(|scope| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                let opening = async { place.open().await.close().await };
                // A separate thread, because this one may be running a test's future.
                scope
                    .spawn(move || runtime.block_on(opening))
                    .join()
                    .unwrap();
            });
            place
        });
        Some(Self::of(server, &format!("TEMPLATE {}", original.0.name())))
    }

    /// On that server, with these options for `CREATE DATABASE`.
    pub(crate) fn of(server: &Server, words: &str) -> Self {
        Self(server.database_with(words))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions::new(self.url()).unwrap()
    }

    pub(crate) async fn open_with(&self, policy: Policy, clock: Arc<dyn Clock>) -> PostgresStore {
        let mut options = self.options();
        options.readers = 2;
        options.clock = Some(clock);
        options.open(policy).await.unwrap()
    }

    pub(crate) async fn open(&self) -> PostgresStore {
        self.open_with(Policy::default(), Arc::new(TestClock::default()))
            .await
    }

    /// A connection beside the store's.
    pub(crate) async fn connect(&self) -> PgConnection {
        let options: PgConnectOptions = self.url().parse().unwrap();
        options.connect().await.unwrap()
    }

    /// Changes the database without the store.
    pub(crate) async fn meddle(&self, sql: &str) {
        let mut conn = self.connect().await;
        conn.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}
