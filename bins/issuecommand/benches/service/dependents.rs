//! The cost of closing an issue that a thousand others wait for, in the one transaction that frees them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_store_sqlite::SqliteOptions;
use issuecommand_testkit::builders::{
    facts, issue, record_blockers, record_issues, record_repos, related,
};
use issuecommand_testkit::postgres::Server;

use crate::data::{REPO, WallClock};

const DEPENDENTS: i64 = 1_000;
const ROUNDS: i64 = 15;

/// On SQLite, or in a database of this server.
pub(crate) async fn run(server: Option<&Server>) {
    let folder = tempfile::tempdir().unwrap();
    let database = server.map(Server::database);
    let store: Arc<dyn Store> = if let Some(database) = &database {
        let options = PostgresOptions::new(database.url()).unwrap();
        Arc::new(options.open(Policy::default()).await.unwrap())
    } else {
        let options = SqliteOptions::new(folder.path().join("issuecommand.db"));
        let clock = Arc::new(WallClock);
        Arc::new(options.open(Policy::default(), clock).await.unwrap())
    };
    store.transact(record_repos(&[facts(REPO)])).await.unwrap();
    let all = (1..=DEPENDENTS + 1).map(issue);
    store.transact(record_issues(REPO, all)).await.unwrap();
    for n in 2..=DEPENDENTS + 1 {
        let blockers = vec![related(REPO, 1, Some(true))];
        let blocked = record_blockers(REPO, n, blockers, 1);
        store.transact(blocked).await.unwrap();
    }
    let mut times: Vec<Duration> = Vec::new();
    for round in 1..=ROUNDS {
        let closed = record_issues(REPO, [issue(1).closed().changed(2 * round)]);
        let begun = Instant::now();
        store.transact(closed).await.unwrap();
        times.push(begun.elapsed());
        let ready = store.tally().await.unwrap().ready;
        assert_eq!(ready, DEPENDENTS.unsigned_abs());
        let opened = record_issues(REPO, [issue(1).changed(2 * round + 1)]);
        store.transact(opened).await.unwrap();
    }
    times.sort();
    println!(
        "closing an issue with {DEPENDENTS} dependents: {:.1?}, at most {:.1?}, of {ROUNDS} times\n",
        times[times.len() / 2],
        times[times.len() - 1]
    );
}
