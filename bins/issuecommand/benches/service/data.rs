//! A database as a service has it after its sync.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use issuecommand_core::domain::issue::{IssueFacts, RelationCount};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_store_sqlite::SqliteOptions;
use issuecommand_testkit::builders::{
    blocked_facts, facts, finish_poll, issue, next, record_issues, record_repos, rerank,
};
use issuecommand_testkit::postgres::Database;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;

/// A database.
pub(crate) enum Place {
    /// SQLite.
    File(PathBuf),
    /// PostgreSQL.
    Server(Database),
}

impl Place {
    /// The setting that names it.
    pub(crate) fn setting(&self) -> (&'static str, &OsStr) {
        match self {
            Self::File(path) => ("SQLITE_PATH", path.as_os_str()),
            Self::Server(database) => ("DATABASE_URL", database.url().as_ref()),
        }
    }
}

impl Place {
    /// The size of the database in bytes; for SQLite without its WAL.
    pub(crate) async fn size(&self) -> i64 {
        match self {
            Self::File(path) => path.metadata().unwrap().len().cast_signed(),
            Self::Server(database) => {
                let mut conn = PgConnection::connect(database.url()).await.unwrap();
                let size = sqlx::query_scalar("SELECT pg_database_size(current_database())");
                let size = size.fetch_one(&mut conn).await.unwrap();
                conn.close().await.unwrap();
                size
            }
        }
    }
}

/// The one repository.
pub(crate) const REPO: &str = "acme/api";

#[derive(Debug)]
pub(crate) struct WallClock;

#[async_trait]
impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(since.as_millis().try_into().unwrap())
    }

    async fn sleep(&self, length: Millis) {
        tokio::time::sleep(std::time::Duration::from_millis(length.0.unsigned_abs())).await;
    }
}

/// Adds so many open issues with a few labels and a text of about 1 kB, the first `claimed` of them held by as many agents. All
/// have evidence from a poll that just ended.
pub(crate) async fn fill(place: &Place, issues: i64, claimed: i64) {
    fill_with(place, issues, claimed, 0).await;
}

/// The same, where the first `unready` issues are not handed out, for several reasons.
pub(crate) async fn fill_with(place: &Place, issues: i64, claimed: i64, unready: i64) {
    fill_by(&Policy::default(), place, issues, claimed, unready).await;
}

/// The same, judged by these settings.
pub(crate) async fn fill_by(
    policy: &Policy,
    place: &Place,
    issues: i64,
    claimed: i64,
    unready: i64,
) {
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    match place {
        Place::File(path) => {
            let options = SqliteOptions::new(path);
            let store = options.open(policy.clone(), clock.clone()).await;
            let store = Arc::new(store.unwrap());
            fill_store(store.clone(), &*clock, (issues, claimed, unready)).await;
            store.close().await;
        }
        Place::Server(database) => {
            let options = PostgresOptions::new(database.url()).unwrap();
            let store = options.open(policy.clone()).await;
            let store = Arc::new(store.unwrap());
            fill_store(store.clone(), &*clock, (issues, claimed, unready)).await;
            store.close().await;
        }
    }
}

/// An issue with an open sub-issue.
fn child_summary() -> IssueFacts {
    IssueFacts {
        children: Some(RelationCount { open: 1, total: 2 }),
        ..IssueFacts::default()
    }
}

async fn fill_store(
    store: Arc<dyn Store>,
    clock: &dyn Clock,
    (issues, claimed, unready): (i64, i64, i64),
) {
    store.transact(record_repos(&[facts(REPO)])).await.unwrap();
    let body = "It does not do what it should when asked twice. ".repeat(20);
    let numbers: Vec<i64> = (1..=issues).collect();
    for page in numbers.chunks(100) {
        let rows = page.iter().map(|n| {
            let about = format!("Saving a draft loses its attachments, seen {n} times");
            let row = issue(*n).title(&about).body(&body);
            let team = format!("team: {}", n % 400);
            match n % 5 {
                _ if *n > unready => row.labels(&["bug", "area: store", &team]),
                0 => row.labels(&["bug", "no-agent"]),
                1 => row.labels(&["bug", "area: store"]).assignees(&["kim"]),
                2 => row.labels(&["bug"]).more(blocked_facts(1)),
                3 => row.labels(&["bug", &team]).more(child_summary()),
                _ => row.labels(&["needs-human"]).assignees(&["kim", "lee"]),
            }
        });
        store.transact(record_issues(REPO, rows)).await.unwrap();
    }
    let took: Vec<_> = (0..claimed)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.transact(next(&format!("holder-{n}"))).await.unwrap() })
        })
        .collect();
    for task in took {
        task.await.unwrap();
    }
    // As a service did long ago, or would now do in the background.
    let mut after = None;
    while let Outcome::Done(Answer::Reranked(Some(last))) =
        store.transact(rerank(after)).await.unwrap()
    {
        after = Some(last);
    }
    store
        .transact(finish_poll(REPO, clock.now()))
        .await
        .unwrap();
}
