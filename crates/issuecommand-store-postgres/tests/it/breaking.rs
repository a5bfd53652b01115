//! Guarantees for agents while connections break, the server restarts and callers are cancelled: a response or a 503, one
//! holder for each issue, and no open transaction.

pub(crate) mod agent_pool;
mod faulty_proxy;

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::{ClaimFilter, Store};
use issuecommand_store_postgres::PostgresStore;
use issuecommand_testkit::builders::{facts, next, record_repos};
use issuecommand_testkit::postgres::{Durability, Server};
use issuecommand_testkit::prove::rounds;
use sqlx::Executor;

use self::agent_pool::AgentPool;
use self::faulty_proxy::{CutPoint, FaultyProxy};
use crate::common::TestDatabase;

/// Two instances on one database.
async fn two(place: &TestDatabase) -> [Arc<PostgresStore>; 2] {
    let open = async || {
        let store = place.options().open(Policy::default()).await;
        Arc::new(store.unwrap())
    };
    [open().await, open().await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn prove_cut_connections_lose_no_claim() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let stores = two(&place).await;
    let agents = AgentPool::with_issues(&stores, i64::from(rounds(300, 3_000))).await;
    let cutting = async {
        let mut conn = place.connect().await;
        let mut cut = 0;
        while !agents.is_done() {
            // The oldest session or a random one.
            let gone: Vec<(bool,)> = sqlx::query_as(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1",
            )
            .fetch_all(&mut conn)
            .await
            .unwrap();
            cut += gone.len();
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
        cut
    };
    let ((), cut) = tokio::join!(agents.work(8), cutting);
    assert!(cut >= 10, "{cut} connections were cut");
    agents.check(&stores).await;
    eprintln!("{cut} connections cut, {}", agents.figures());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn prove_a_server_restart_loses_no_claim() {
    let Some(server) = Server::start(Durability::Full) else {
        return;
    };
    let server = Arc::new(server);
    let place = TestDatabase::of(&server, "");
    let stores = two(&place).await;
    let agents = AgentPool::with_issues(&stores, i64::from(rounds(400, 4_000))).await;
    let restarting = async {
        for n in 1..=rounds(2, 10) {
            agents.has_claimed(n as usize * 20).await;
            let server = server.clone();
            tokio::task::spawn_blocking(move || server.restart())
                .await
                .unwrap();
        }
    };
    tokio::join!(agents.work(8), restarting);
    agents.check(&stores).await;
    eprintln!("{}", agents.figures());
    for store in &stores {
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cancelled_callers_leave_no_open_transaction() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let stores = two(&place).await;
    let agents = AgentPool::with_issues(&stores, 400).await;
    let calls = (0..600_u64).map(|n| {
        let store = stores[usize::from(n % 2 == 0)].clone();
        let calling = tokio::spawn(async move {
            match n % 4 {
                0 => drop(store.transact(next(&format!("agent-{n}"))).await),
                1 => drop(store.claims(&ClaimFilter::default()).await),
                2 => drop(
                    store
                        .open_issues(&issuecommand_core::domain::issue::IssueFilter::default())
                        .await,
                ),
                _ => drop(store.repos().await),
            }
        });
        async move {
            tokio::time::sleep(Duration::from_micros(n * 97 % 20_000)).await;
            calling.abort();
        }
    });
    futures_util::future::join_all(calls).await;
    // Running transactions end, and then none is left.
    let mut conn = place.connect().await;
    let mut open = vec![("?".to_owned(),)];
    for _ in 0..200 {
        open = sqlx::query_as(
            "SELECT query::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND backend_type = 'client backend' AND (state <> 'idle' OR xact_start IS NOT NULL)",
        )
        .fetch_all(&mut conn)
        .await
        .unwrap();
        if open.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(open.is_empty(), "{open:#?}");
    agents.work(4).await;
    agents.check(&stores).await;
}

/// The server, and a proxy to it that can be cut at chosen statements.
async fn wired() -> Option<(TestDatabase, FaultyProxy, PostgresStore)> {
    let server = Server::start(Durability::None)?;
    let place = TestDatabase::of(&server, "");
    place.open().await.close().await;
    let proxy = FaultyProxy::to(server).await;
    let mut options =
        issuecommand_store_postgres::PostgresOptions::new(&proxy.url(place.url())).unwrap();
    options.lock_timeout = Duration::from_secs(1);
    options.statement_timeout = Duration::from_secs(1);
    let store = options.open(Policy::default()).await;
    Some((place, proxy, store.unwrap()))
}

#[tokio::test]
async fn a_commit_without_an_answer_is_of_unknown_outcome() {
    let Some((place, proxy, store)) = wired().await else {
        return;
    };
    // The cut statement, and whether it was committed.
    for (n, (cut, written)) in [
        (CutPoint::AfterSending, true),
        (CutPoint::BeforeSending, false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("acme/repo-{n}");
        proxy.cut_at("-- commit", cut);
        let lost = store.transact(record_repos(&[facts(&name)])).await;
        assert!(
            matches!(lost, Err(StoreError::OutcomeUnknown(_))),
            "{cut:?} {lost:?}"
        );
        let there: Vec<(String,)> = sqlx::query_as("SELECT name FROM repo WHERE name = $1")
            .bind(&name)
            .fetch_all(&mut place.connect().await)
            .await
            .unwrap();
        assert_eq!(there.len(), usize::from(written), "{cut:?}");
        // The next one uses a new connection.
        store.transact(record_repos(&[facts(&name)])).await.unwrap();
    }
    store.close().await;
}

#[tokio::test]
async fn a_connection_cut_before_the_commit_writes_nothing() {
    let Some((place, proxy, store)) = wired().await else {
        return;
    };
    for (place_in_it, cut) in [
        ("-- limits", CutPoint::AfterSending),
        ("-- put_names", CutPoint::AfterSending),
        ("-- set_meta", CutPoint::BeforeSending),
    ] {
        proxy.cut_at(place_in_it, cut);
        let name = place_in_it.replace("-- ", "acme/");
        let lost = store.transact(record_repos(&[facts(&name)])).await;
        // A transaction that could not begin on one connection begins on another.
        let begun_anew = place_in_it == "-- limits";
        assert_eq!(lost.is_ok(), begun_anew, "{place_in_it}: {lost:?}");
        if let Err(lost) = lost {
            assert!(matches!(lost, StoreError::Unavailable(_)), "{lost:?}");
            let there: (i64,) = sqlx::query_as("SELECT count(*) FROM repo WHERE name = $1")
                .bind(&name)
                .fetch_one(&mut place.connect().await)
                .await
                .unwrap();
            assert_eq!(there, (0,));
        }
    }
    store.close().await;
}

#[tokio::test]
async fn a_silent_server_times_out_and_is_reconnected() {
    let Some((_place, proxy, store)) = wired().await else {
        return;
    };
    proxy.cut_at("-- begin\n", CutPoint::Silently);
    let lost = store.transact(record_repos(&[facts("acme/api")])).await;
    assert!(lost.is_ok(), "a new connection was free to use: {lost:?}");
    proxy.cut_at("-- commit", CutPoint::Silently);
    let lost = store.transact(record_repos(&[facts("acme/web")])).await;
    assert!(
        matches!(lost, Err(StoreError::OutcomeUnknown(_))),
        "{lost:?}"
    );
    proxy.cut_at("-- begin_reading", CutPoint::Silently);
    let lost = store.repos().await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    store
        .transact(record_repos(&[facts("acme/zoo")]))
        .await
        .unwrap();
    assert!(store.repos().await.unwrap().len() >= 2);
    store.close().await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_not_called_busy() {
    let Some((_place, wire, store)) = wired().await else {
        return;
    };
    // The server ends with its wire.
    drop(wire);
    let gone = store.repos().await;
    assert!(matches!(gone, Err(StoreError::Unavailable(_))), "{gone:?}");
    let gone = store.repos().await;
    let Err(StoreError::Unavailable(told)) = &gone else {
        panic!("{gone:?}");
    };
    assert!(told.contains("no server listens there"), "{told}");
}

#[tokio::test]
async fn another_instance_is_heard_at_once_and_again_after_its_line_was_cut() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let [ours, other] = two(&place).await;
    let mut conn = place.connect().await;
    let listening = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    for round in 0..2 {
        // Both listen.
        for _ in 0..400 {
            let found: Vec<(i32,)> = sqlx::query_as(listening)
                .fetch_all(&mut conn)
                .await
                .unwrap();
            if found.len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        let mut heard = 0;
        for n in 0..20 {
            let waiting = tokio::spawn({
                let ours = ours.clone();
                async move {
                    let begun = std::time::Instant::now();
                    ours.changed().await;
                    begun.elapsed()
                }
            });
            // It is waiting by then, and will not time out for a while.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let name = format!("acme/r{round}-{n}");
            other.transact(record_repos(&[facts(&name)])).await.unwrap();
            heard += usize::from(waiting.await.unwrap() < Duration::from_millis(190));
        }
        assert!(heard >= 10, "{heard} of 20 were heard of in round {round}");
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query LIKE 'LISTEN%'",
        )
        .await
        .unwrap();
    }
    for store in [ours, other] {
        store.close().await;
    }
}
