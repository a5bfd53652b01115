//! Durable claims a second: 64 agents at once through the batching writer, beside a plain loop that commits each claim by
//! itself on the same disk; and what the next issue costs in a small mirror and in a big one.
//! `cargo bench -p issuecommand-store-sqlite`; `-- 128` for another number of agents.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and speaks to a person"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use issuecommand_core::command::{Answer, Command, Outcome};
use issuecommand_core::issue::IssueFilter;
use issuecommand_core::policy::Policy;
use issuecommand_core::store::Store;
use issuecommand_core::time::Clock;
use issuecommand_store_sqlite::{SqliteOptions, SqliteStore};
use issuecommand_testkit::builders::{
    claim, facts, finish_poll, issue, next, next_of, see_issues, see_repos,
};
use issuecommand_testkit::clock::TestClock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor};

const REPO: &str = "acme/api";
const CLAIMS: i64 = 20_000;

/// What an agent of that name asks for in that turn.
type Ask = fn(&str, i64) -> Command;

#[tokio::main]
async fn main() {
    let agents = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(64);
    let folder = tempfile::tempdir().unwrap();
    let plain = plain_loop(&folder.path().join("plain.db"), CLAIMS / 4).await;
    println!("plain loop, one transaction a claim:  {plain:>8.0} claims/s");
    let commands: [(&str, Ask); 2] = [
        ("by number", |who, n| claim(who, REPO, n)),
        ("next issue", |who, _| next(who)),
    ];
    for (name, command) in commands {
        let path = folder.path().join(format!("{name}.db"));
        let one = claims(&path, 1, CLAIMS / 8, command).await;
        println!("1 agent, {name:<12}                 {one:>8.0} claims/s");
        let many = claims(&path, agents, CLAIMS, command).await;
        let ratio = many / plain;
        println!(
            "{agents} agents, {name:<12}               {many:>8.0} claims/s   {ratio:.1} times the plain loop"
        );
    }
    let path = folder.path().join("mirror.db");
    let filters: [(&str, Option<&str>); 3] = [
        ("any", None),
        ("common label", Some("bug")),
        ("rare label", Some("rare")),
    ];
    let small = next_issue(&path, 1_000, &filters).await;
    let big = next_issue(&path, 100_000, &filters).await;
    for (n, (name, _)) in filters.iter().enumerate() {
        let ratio = big[n].as_secs_f64() / small[n].as_secs_f64();
        println!(
            "next issue, {name:<12}  {:?} of 1,000 issues, {:?} of 100,000: {ratio:.2} times",
            small[n], big[n]
        );
    }
}

/// How long one agent waits for its next issue, for each filter: the median of some, in a mirror where a tenth is taken.
async fn next_issue(path: &Path, issues: i64, filters: &[(&str, Option<&str>)]) -> Vec<Duration> {
    let clock = Arc::new(TestClock::default());
    let opened = SqliteStore::open(SqliteOptions::new(path), Policy::default(), clock.clone());
    let store = Arc::new(opened.await.unwrap());
    fill(&*store, issues, &*clock).await;
    let mut taken = Vec::new();
    for n in 1..=issues / 10 {
        let store = Arc::clone(&store);
        taken.push(tokio::spawn(async move {
            store.transact(next(&format!("holder-{n}"))).await.unwrap();
        }));
    }
    for task in taken {
        task.await.unwrap();
    }
    let mut medians = Vec::new();
    for (_, label) in filters {
        let mut times = Vec::new();
        for n in 0..60 {
            let filter = IssueFilter::new(None, *label, None);
            let begun = Instant::now();
            let outcome = store.transact(next_of(&format!("agent-{n}"), filter)).await;
            times.push(begun.elapsed());
            assert!(matches!(outcome, Ok(Outcome::Done(_))), "{outcome:?}");
        }
        times.sort();
        medians.push(times[times.len() / 2]);
    }
    store.close().await;
    remove(path);
    medians
}

/// What a service without batches would do: look, claim, note, tell, commit, and again.
async fn plain_loop(path: &Path, claims: i64) -> f64 {
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging()
        .connect()
        .await
        .unwrap();
    conn.execute(
        "CREATE TABLE issue (number INTEGER PRIMARY KEY, title TEXT, state TEXT);
         CREATE TABLE claim (id TEXT PRIMARY KEY, number INTEGER, agent TEXT, status TEXT, at INTEGER);
         CREATE UNIQUE INDEX active ON claim (number) WHERE status NOT IN ('closed', 'released');
         CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, at INTEGER, body TEXT);",
    )
    .await
    .unwrap();
    sqlx::query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO issue SELECT i, 'Issue', 'open' FROM n")
        .bind(claims)
        .execute(&mut conn)
        .await
        .unwrap();
    let begun = Instant::now();
    for n in 1..=claims {
        plain_claim(&mut conn, n).await.unwrap();
    }
    rate(claims, begun.elapsed())
}

async fn plain_claim(conn: &mut SqliteConnection, n: i64) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let (_title,): (String,) =
        sqlx::query_as("SELECT title FROM issue WHERE number = ? AND state = 'open'")
            .bind(n)
            .fetch_one(&mut *tx)
            .await?;
    let id = uuid::Uuid::new_v4().to_string();
    sqlx::query("INSERT INTO claim VALUES (?, ?, 'agent', 'claimed', 1)")
        .bind(&id)
        .bind(n)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO event (kind, at, body) VALUES ('claim.created', 1, ?)")
        .bind(format!("{{\"claim\":\"{id}\",\"number\":{n}}}"))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

async fn claims(path: &Path, agents: i64, claims: i64, command: Ask) -> f64 {
    let clock = Arc::new(TestClock::default());
    let options = SqliteOptions::new(path);
    let opened = SqliteStore::open(options, Policy::default(), clock.clone()).await;
    let store = Arc::new(opened.unwrap());
    fill(&*store, claims, &*clock).await;
    let turn = Arc::new(AtomicI64::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for agent in 0..agents {
        let (store, turn) = (Arc::clone(&store), Arc::clone(&turn));
        tasks.push(tokio::spawn(async move {
            let who = format!("agent-{agent}");
            loop {
                let n = 1 + turn.fetch_add(1, Ordering::Relaxed);
                if n > claims {
                    return;
                }
                let outcome = store.transact(command(&who, n)).await.unwrap();
                let fresh = matches!(
                    outcome,
                    Outcome::Done(Answer::Claim {
                        idempotent: false,
                        ..
                    })
                );
                assert!(fresh, "{outcome:?}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let rate = rate(claims, begun.elapsed());
    store.close().await;
    remove(path);
    rate
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
}

/// Open issues as they are: a few labels, and a text of about 1 kB.
async fn fill(store: &dyn Store, issues: i64, clock: &dyn Clock) {
    store.transact(see_repos(&[facts(REPO)])).await.unwrap();
    let body = "It does not do what it should when asked twice. ".repeat(20);
    let numbers: Vec<i64> = (1..=issues).collect();
    for page in numbers.chunks(100) {
        let rows = page
            .iter()
            .map(|n| issue(*n).body(&body).labels(labels(*n, issues)));
        store.transact(see_issues(REPO, rows)).await.unwrap();
    }
    store
        .transact(finish_poll(REPO, clock.now()))
        .await
        .unwrap();
}

/// The last hundred of a mirror have a label that no other has.
fn labels(n: i64, issues: i64) -> &'static [&'static str] {
    if n > issues - 100 {
        &["bug", "rare"]
    } else {
        &["bug", "area: store"]
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(count: i64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
