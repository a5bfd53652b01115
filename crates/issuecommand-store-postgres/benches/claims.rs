//! Durable claims a second on a PostgreSQL of this machine: 64 agents at once through one instance, and through four that share
//! the database; how long each waits; and what the next issue costs in a small mirror and in a big one.
//! `cargo bench -p issuecommand-store-postgres`; `-- 128` for another number of agents.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and speaks to a person"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use issuecommand_core::command::{Answer, Command, Outcome};
use issuecommand_core::issue::IssueFilter;
use issuecommand_core::policy::Policy;
use issuecommand_core::store::Store;
use issuecommand_core::time::Timestamp;
use issuecommand_store_postgres::{PostgresOptions, PostgresStore};
use issuecommand_testkit::builders::{
    claim, facts, finish_poll, issue, next, next_of, see_issues, see_repos,
};
use issuecommand_testkit::postgres::{Durability, Server};

const REPO: &str = "acme/api";
const CLAIMS: i64 = 10_000;

/// What an agent of that name asks for in that turn.
type Ask = fn(&str, i64) -> Command;

#[tokio::main]
async fn main() {
    let agents = std::env::args()
        .find_map(|word| word.parse().ok())
        .unwrap_or(64);
    let server = Server::start(Durability::Full).expect("a PostgreSQL to measure");
    let commands: [(&str, Ask); 2] = [
        ("by number", |who, n| claim(who, REPO, n)),
        ("next issue", |who, _| next(who)),
    ];
    for (name, command) in commands {
        for (instances, agents, count) in [
            (1, 1, CLAIMS / 10),
            (1, agents, CLAIMS),
            (4, agents, CLAIMS),
        ] {
            let (rate, times) = claims(&server, instances, agents, count, command).await;
            println!(
                "{instances} instances, {agents:>3} agents, {name:<10}  {rate:>7.0} claims/s   p50 {:>9.2?}  p99 {:>9.2?}",
                times[times.len() / 2],
                times[times.len() * 99 / 100]
            );
        }
    }
    let filters: [(&str, Option<&str>); 3] = [
        ("any", None),
        ("common label", Some("bug")),
        ("rare label", Some("rare")),
    ];
    let small = next_issue(&server, 1_000, &filters).await;
    let big = next_issue(&server, 100_000, &filters).await;
    for (n, (name, _)) in filters.iter().enumerate() {
        let ratio = big[n].as_secs_f64() / small[n].as_secs_f64();
        println!(
            "next issue, {name:<12}  {:.2?} of 1,000 issues, {:.2?} of 100,000: {ratio:.2} times",
            small[n], big[n]
        );
    }
}

async fn open(url: &str) -> Arc<PostgresStore> {
    let options = PostgresOptions::new(url).unwrap();
    let store = PostgresStore::open(options, Policy::default()).await;
    Arc::new(store.unwrap())
}

/// Claims a second, and how long each took, the shortest first.
async fn claims(
    server: &Server,
    instances: usize,
    agents: usize,
    claims: i64,
    command: Ask,
) -> (f64, Vec<Duration>) {
    let database = server.database();
    let mut stores = Vec::new();
    for _ in 0..instances {
        stores.push(open(database.url()).await);
    }
    fill(&*stores[0], claims).await;
    let turn = Arc::new(AtomicI64::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for agent in 0..agents {
        let (store, turn) = (Arc::clone(&stores[agent % instances]), Arc::clone(&turn));
        tasks.push(tokio::spawn(async move {
            let who = format!("agent-{agent}");
            let mut times = Vec::new();
            loop {
                let n = 1 + turn.fetch_add(1, Ordering::Relaxed);
                if n > claims {
                    return times;
                }
                let begun = Instant::now();
                let outcome = store.transact(command(&who, n)).await.unwrap();
                times.push(begun.elapsed());
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
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let rate = rate(claims, begun.elapsed());
    times.sort();
    for store in stores {
        store.close().await;
    }
    (rate, times)
}

/// How long one agent waits for its next issue, for each filter: the median of some, in a mirror where a tenth is taken.
async fn next_issue(
    server: &Server,
    issues: i64,
    filters: &[(&str, Option<&str>)],
) -> Vec<Duration> {
    let database = server.database();
    let store = open(database.url()).await;
    fill(&*store, issues).await;
    let taken = (1..=issues / 10).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            store.transact(next(&format!("holder-{n}"))).await.unwrap();
        })
    });
    for task in taken.collect::<Vec<_>>() {
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
    medians
}

/// Open issues as they are: a few labels, and a text of about 1 kB.
async fn fill(store: &dyn Store, issues: i64) {
    store.transact(see_repos(&[facts(REPO)])).await.unwrap();
    let body = "It does not do what it should when asked twice. ".repeat(20);
    let numbers: Vec<i64> = (1..=issues).collect();
    for page in numbers.chunks(100) {
        let rows = page
            .iter()
            .map(|n| issue(*n).body(&body).labels(labels(*n, issues)));
        store.transact(see_issues(REPO, rows)).await.unwrap();
    }
    // The time is the database's: a poll that began long ago vouches for nothing.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let now = Timestamp(i64::try_from(now).unwrap());
    store.transact(finish_poll(REPO, now)).await.unwrap();
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
