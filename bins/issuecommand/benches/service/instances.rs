//! Several instances on one PostgreSQL, and one, compared with the simplest possible program. Instances, database and client
//! share this machine's processors.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use issuecommand_testkit::postgres::{Durability, Server};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor};
use tokio::task::LocalSet;

use crate::claims::per_second;
use crate::client::Connection;
use crate::data::{Place, REPO, fill};
use crate::dependents;
use crate::explain;
use crate::github;
use crate::next;
use crate::process::Program;
use crate::routed;

const CLAIMS: i64 = 10_000;
const PLAIN: i64 = 3_000;
const AGENTS: usize = 64;
const ROUNDS: usize = 3;

pub(crate) async fn run() {
    let Some(server) = Server::start(Durability::Full) else {
        println!("instances: this machine has no PostgreSQL\n");
        return;
    };
    for by_number in [true, false] {
        for instances in [1, 4] {
            let mut ratios = Vec::new();
            for _ in 0..ROUNDS {
                let plain = plain(&server).await;
                let rate = together(&server, instances, by_number).await;
                ratios.push(rate / plain);
            }
            ratios.sort_by(f64::total_cmp);
            println!(
                "    = {:.2} times the plain loop beside it (median of {ROUNDS}: {ratios:.2?})\n",
                ratios[ROUNDS / 2]
            );
        }
    }
    println!("On PostgreSQL:");
    next::run(Some(&server)).await;
    routed::run(Some(&server)).await;
    dependents::run(Some(&server)).await;
    explain::run(Some(&server)).await;
}

/// One transaction per claim in a loop: selects, claims, logs, commits.
async fn plain(server: &Server) -> f64 {
    let database = server.database();
    let mut conn = PgConnection::connect(database.url()).await.unwrap();
    conn.execute(
        "CREATE TABLE issue (number BIGINT PRIMARY KEY, title TEXT, state TEXT);
         CREATE TABLE claim (id TEXT PRIMARY KEY, number BIGINT, agent TEXT, status TEXT, at BIGINT);
         CREATE UNIQUE INDEX active ON claim (number) WHERE status NOT IN ('closed', 'released');
         CREATE TABLE event (seq BIGSERIAL PRIMARY KEY, kind TEXT, at BIGINT, body TEXT);",
    )
    .await
    .unwrap();
    sqlx::query("INSERT INTO issue SELECT i, 'Issue', 'open' FROM generate_series(1, $1) i")
        .bind(PLAIN)
        .execute(&mut conn)
        .await
        .unwrap();
    let begun = Instant::now();
    for n in 1..=PLAIN {
        let mut tx = conn.begin().await.unwrap();
        let look = "SELECT title FROM issue WHERE number = $1 AND state = 'open' FOR UPDATE";
        sqlx::query(look).bind(n).execute(&mut *tx).await.unwrap();
        sqlx::query("INSERT INTO claim VALUES ($1, $2, 'agent', 'claimed', 1)")
            .bind(format!("00000000-0000-4000-8000-{n:012}"))
            .bind(n)
            .execute(&mut *tx)
            .await
            .unwrap();
        sqlx::query("INSERT INTO event (kind, at, body) VALUES ('claim.created', 1, $1)")
            .bind(format!("{{\"number\":{n}}}"))
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    let rate = per_second(PLAIN, begun.elapsed());
    conn.close().await.unwrap();
    println!("plain loop on PostgreSQL, one transaction a claim: {rate:>6.0} claims/s");
    rate
}

async fn together(server: &Server, instances: usize, by_number: bool) -> f64 {
    let place = Place::Server(server.database());
    fill(&place, CLAIMS, 0).await;
    let empty = place.size().await;
    let github = github::without_comments();
    let mut programs = Vec::new();
    for _ in 0..instances {
        programs.push(Program::start(&place, &github).await);
    }
    let turn = Rc::new(Cell::new(0));
    let waits = Rc::new(RefCell::new(Vec::new()));
    let local = LocalSet::new();
    let begun = Instant::now();
    for agent in 0..AGENTS {
        let mut connection = Connection::open(programs[agent % instances].port)
            .await
            .unwrap();
        let (turn, waits) = (Rc::clone(&turn), Rc::clone(&waits));
        local.spawn_local(async move {
            while turn.get() < CLAIMS {
                turn.set(turn.get() + 1);
                let n: i64 = turn.get();
                let (path, rest) = if by_number {
                    (
                        "/api/claims",
                        format!(",\"repo\":\"{REPO}\",\"issue_number\":{n}"),
                    )
                } else {
                    ("/api/next", String::new())
                };
                let body = format!("{{\"agent_id\":\"agent-{agent}\"{rest}}}");
                let asked = Instant::now();
                let (status, answer) = connection.post(path, &body).await.unwrap();
                waits.borrow_mut().push(asked.elapsed());
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
            }
        });
    }
    local.await;
    let rate = per_second(CLAIMS, begun.elapsed());
    drop(programs);
    let mut waits = waits.take();
    waits.sort();
    let of_hundred = |n: usize| waits[(waits.len() - 1) * n / 100];
    println!(
        "{AGENTS} agents, {instances} instances, {}: {rate:>6.0} claims/s; half within {:.1?}, 99 of 100 within {:.1?}",
        if by_number {
            "by number"
        } else {
            "whatever is next"
        },
        of_hundred(50),
        of_hundred(99),
    );
    println!(
        "    {} bytes of database a claim",
        (place.size().await - empty) / CLAIMS
    );
    assert_eq!(claimed(&place).await, CLAIMS, "every answer was durable");
    rate
}

async fn claimed(place: &Place) -> i64 {
    let Place::Server(database) = place else {
        unreachable!("a database of PostgreSQL")
    };
    let mut conn = PgConnection::connect(database.url()).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(DISTINCT number) FROM claim")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    conn.close().await.unwrap();
    count
}
