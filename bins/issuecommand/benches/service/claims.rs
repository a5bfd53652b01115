//! Durable claims per second, by agents over HTTP.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _};
use tokio::task::LocalSet;

use crate::client::Connection;
use crate::data::{Place, REPO, fill};
use crate::github;
use crate::plain;
use crate::process::{Program, own_time};

const CLAIMS: i64 = 20_000;
const PLAIN: i64 = 3_000;
/// No server listens there: the background finds no GitHub, which does not matter here.
pub(crate) const NO_GITHUB: &str = "http://127.0.0.1:9";

/// The requests of an agent: path and body.
type Ask = fn(&str, i64) -> (&'static str, String);

/// How often each is measured, because the speed of a virtual machine's disk varies.
const ROUNDS: usize = 3;

pub(crate) async fn run() {
    let asks: [(&str, Ask); 2] = [
        ("by number", |who, n| {
            let body =
                format!("{{\"agent_id\":\"{who}\",\"repo\":\"{REPO}\",\"issue_number\":{n}}}");
            ("/api/claims", body)
        }),
        ("whatever is next", |who, _| {
            ("/api/next", format!("{{\"agent_id\":\"{who}\"}}"))
        }),
    ];
    for (what, ask) in asks {
        for agents in [1, 8, 64] {
            let claims = if agents == 1 { CLAIMS / 8 } else { CLAIMS };
            let mut ratios = Vec::new();
            for _ in 0..ROUNDS {
                let folder = tempfile::tempdir().unwrap();
                let before = rate_of_plain(&folder.path().join("before.db")).await;
                let path = folder.path().join("issuecommand.db");
                let rate = over_http(&path, agents, claims, what, ask).await;
                let after = rate_of_plain(&folder.path().join("after.db")).await;
                ratios.push(rate / f64::midpoint(before, after));
            }
            ratios.sort_by(f64::total_cmp);
            println!(
                "    = {:.2} times the plain loop beside it (median of {ROUNDS}: {ratios:.2?})\n",
                ratios[ROUNDS / 2]
            );
        }
    }
}

async fn rate_of_plain(path: &Path) -> f64 {
    let (took, commits) = plain::claims(path, PLAIN).await;
    let rate = per_second(PLAIN, took);
    println!(
        "plain loop, one transaction a claim: {rate:>6.0} claims/s; {:.0} % of the time in COMMIT ({:.0} us each)",
        100.0 * commits.as_secs_f64() / took.as_secs_f64(),
        micros(commits, PLAIN)
    );
    rate
}

async fn over_http(path: &Path, agents: i64, claims: i64, what: &str, ask: Ask) -> f64 {
    let place = Place::File(path.to_owned());
    fill(&place, claims, 0).await;
    let program = Program::start(&place, &github::without_comments()).await;
    let turn = Rc::new(Cell::new(0));
    let waited = Rc::new(Cell::new(Duration::ZERO));
    let local = LocalSet::new();
    let (ours, (sqlite, rest)) = (own_time(), program.worked());
    let begun = Instant::now();
    for agent in 0..agents {
        let mut connection = Connection::open(program.port).await.unwrap();
        let (turn, waited) = (Rc::clone(&turn), Rc::clone(&waited));
        local.spawn_local(async move {
            let who = format!("agent-{agent}");
            while turn.get() < claims {
                turn.set(turn.get() + 1);
                let (path, body) = ask(&who, turn.get());
                let asked = Instant::now();
                let (status, answer) = connection.post(path, &body).await.unwrap();
                waited.set(waited.get() + asked.elapsed());
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
            }
        });
    }
    local.await;
    let took = begun.elapsed();
    let ours = own_time().saturating_sub(ours);
    let (sqlite_now, rest_now) = program.worked();
    drop(program);
    // All rows of a batch have one timestamp, so there are about as many timestamps as batches.
    let (made, batches) = counted(path).await;
    assert_eq!(made, claims, "every answer was durable");
    let rate = per_second(claims, took);
    println!("{agents:>3} agents over HTTP, {what}: {rate:>6.0} claims/s");
    println!(
        "    mean wait {:.1} ms; {:.1} claims a transaction; on a processor, of {:.0} us a claim: client {:.0} us, \
         HTTP and engine {:.0} us, SQLite {:.0} us (both processors: {:.0} us)",
        1e3 * waited.get().as_secs_f64() / to_f64(claims),
        to_f64(claims) / to_f64(batches),
        micros(took, claims),
        micros(ours, claims),
        micros(rest_now.saturating_sub(rest), claims),
        micros(sqlite_now.saturating_sub(sqlite), claims),
        2.0 * micros(took, claims),
    );
    rate
}

/// Claims in the database, each on another issue, and their distinct timestamps.
async fn counted(path: &Path) -> (i64, i64) {
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .connect()
        .await
        .unwrap();
    let counted = sqlx::query_as(
        "SELECT count(DISTINCT number), (SELECT count(DISTINCT at) FROM event WHERE kind = 'claim.created') FROM claim",
    )
    .fetch_one(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    counted
}

pub(crate) fn per_second(count: i64, time: Duration) -> f64 {
    to_f64(count) / time.as_secs_f64()
}

fn micros(time: Duration, count: i64) -> f64 {
    1e6 * time.as_secs_f64() / to_f64(count)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn to_f64(count: i64) -> f64 {
    count as f64
}
