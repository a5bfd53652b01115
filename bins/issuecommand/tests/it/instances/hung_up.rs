//! Clients that disconnect at any moment leave nothing behind.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use super::agent::{Agent, AgentStats};
use super::fleet::Fleet;
use super::{BROKEN, REPO, assert_all_agree, site};
use crate::harness::{SetOnDrop, wait_for};

const INSTANCES: usize = 2;
const AGENTS: usize = 8;
const ISSUES: u32 = 60;
const CLIENTS: u64 = 16;

/// Abandoned transactions.
const LEFT: &str = "
    SELECT coalesce(query, '') FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'issuecommand' AND state LIKE 'idle in transaction%'
        AND state_change < clock_timestamp() - interval '1500 milliseconds'";

const CONNECTIONS: &str = "
    SELECT CAST(count(*) AS TEXT) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'issuecommand'";

#[test]
fn prove_a_client_that_hangs_up_leaves_no_transaction_and_no_broken_connection() {
    let Some(site) = site(ISSUES) else { return };
    let fleet = Fleet::new(site, INSTANCES);
    let (tally, over) = (AgentStats::default(), AtomicBool::new(false));
    let (left, gone) = (AtomicU32::new(rounds(400, 4000)), AtomicU32::new(0));
    let slowest = thread::scope(|scope| {
        let (faces, tally, over) = (fleet.faces(), &tally, &over);
        let working = (0..AGENTS)
            .map(|n| scope.spawn(move || Agent::new(n, faces, tally).take_and_give(ISSUES, over)));
        let working: Vec<_> = working.collect();
        let end = SetOnDrop(over);
        let hanging_up = (0..CLIENTS).map(|n| {
            let (left, gone) = (&left, &gone);
            scope.spawn(move || {
                let mut random = Rng::with_seed(n + 100);
                let some_left = |left| u32::checked_sub(left, 1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, some_left)
                    .is_ok()
                {
                    let http = &faces[random.usize(..INSTANCES)];
                    if hang_up(http, &mut random) {
                        gone.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        });
        let hanging_up: Vec<_> = hanging_up.collect();
        while !hanging_up.iter().all(thread::ScopedJoinHandle::is_finished) {
            let stuck = fleet.site().ask_database(LEFT);
            assert!(stuck.is_empty(), "transactions left open: {stuck:?}");
            thread::sleep(Duration::from_millis(50));
        }
        drop(end);
        let agents = working.into_iter().map(|one| one.join().unwrap());
        agents.map(|agent| agent.slowest).max().unwrap()
    });

    // Complete requests may still run for a moment.
    let open = LEFT.replace("1500", "0");
    wait_for("all transactions to end", Duration::from_secs(2), || {
        fleet.site().ask_database(&open).is_empty().then_some(())
    });
    // More concurrent calls than connections: each is answered.
    let begin = Instant::now();
    thread::scope(|scope| {
        for http in fleet.faces() {
            for _ in 0..24 {
                scope.spawn(|| assert_eq!(http.get("/api/claims").status, 200));
            }
        }
    });
    let after = begin.elapsed();
    // Disconnected agents keep their claims, and learn of them when they ask again. All others match their responses.
    for http in fleet.faces() {
        for n in 0..GHOSTS {
            let path = format!("/api/my-work?agent_id=ghost-{n}");
            for claim in http.get(&path).body["work"]["claims"].as_array().unwrap() {
                let id = claim["claim_id"].as_str().unwrap();
                let release = json!({ "agent_id": format!("ghost-{n}") });
                let reply = http
                    .ask("DELETE", &format!("/api/claims/{id}"), Some(&release))
                    .unwrap();
                assert_eq!(reply.status, 200, "{}", reply.body);
            }
        }
    }
    assert_all_agree(&fleet, &tally);
    assert_eq!(fleet.site().ask_database(BROKEN), ["0"]);
    let connections: usize = fleet.site().ask_database(CONNECTIONS)[0].parse().unwrap();
    // Eight that read, one that writes, one that listens.
    assert!(connections <= INSTANCES * 10, "{connections} connections");
    let gone = gone.load(Ordering::Relaxed);
    eprintln!(
        "{gone} clients hung up; {}; the slowest answer took {slowest:?}; 48 calls at once afterwards {after:?}; {connections} connections",
        tally.figures()
    );
    assert!(gone >= rounds(300, 3000), "{gone} hung up");
    assert!(slowest < Duration::from_secs(15), "{slowest:?}");
}

const GHOSTS: usize = 8;

/// Sends a request, or a part of it, and disconnects after a moment; returns whether it was sent completely.
fn hang_up(http: &crate::harness::Http, random: &mut Rng) -> bool {
    let ghost = format!("ghost-{}", random.usize(..GHOSTS));
    let issue = random.usize(..ISSUES as usize) + 1;
    let claim = json!({ "agent_id": ghost, "repo": REPO, "issue_number": issue });
    let agent = json!({ "agent_id": ghost });
    let list = format!("/api/repos/{REPO}/issues");
    let calls = [
        (("POST", "/api/claims"), &claim),
        (("POST", "/api/next-work"), &agent),
        (("GET", "/api/claims"), &agent),
        (("GET", &*list), &agent),
        (("GET", "/api/my-work?agent_id=ghost-1"), &agent),
        (("GET", "/sse"), &agent),
        (("GET", "/api/health"), &agent),
    ];
    let (call, body) = calls[random.usize(..calls.len())];
    let whole = random.usize(..3) > 0;
    let cut = random.usize(..10_000);
    let stay = Duration::from_micros(random.usize(..60_000) as u64);
    let cut = |length: usize| if whole { length } else { cut % length };
    http.hang_up(call, body, cut, stay).is_ok()
}
