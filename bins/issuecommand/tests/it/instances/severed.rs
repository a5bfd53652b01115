//! Instances whose database connections are closed by the server, one by one and all at once.

use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use issuecommand_testkit::postgres::{Durability, Server};
use issuecommand_testkit::prove::rounds;

use super::agent::{Agent, AgentStats};
use super::fleet::Fleet;
use super::heard::{Listener, assert_heard_all};
use super::{BROKEN, REPO, assert_all_agree, site};
use crate::harness::{PATIENCE, SetOnDrop, Site, wait_for, world_with_issues};

const INSTANCES: usize = 3;
const AGENTS: usize = 12;
const ISSUES: u32 = 60;

/// Closes two connections of instances, preferring writing ones to reading ones, and those to idle ones.
const SEVER: &str = "
    SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'issuecommand' AND pid <> pg_backend_pid()
        ORDER BY random() / CASE WHEN backend_xid IS NOT NULL THEN 16 WHEN state <> 'idle' THEN 4 ELSE 1 END LIMIT 2) AS chosen";

/// A server process that works for an instance.
const SOME: &str = "
    SELECT CAST(pid AS TEXT) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'issuecommand' ORDER BY random() LIMIT 1";

/// Longer than the database timeout and a retry; no response takes so long.
const NEVER: Duration = Duration::from_secs(30);

/// Runs agents at instances while the database is disturbed repeatedly; returns the longest recovery.
fn endure(mut fleet: Fleet, harms: u32, harm: impl Fn(&Site)) {
    let (tally, over) = (AgentStats::default(), AtomicBool::new(false));
    let faces = fleet.faces().to_vec();
    let listeners: Vec<Listener> = (0..INSTANCES)
        .map(|n| Listener::start(&fleet, &[n], usize::MAX))
        .collect();
    let (mut recovery, mut done) = (Duration::ZERO, 0);
    let slowest = thread::scope(|scope| {
        let (faces, tally, over) = (&faces, &tally, &over);
        let working = (0..AGENTS)
            .map(|n| scope.spawn(move || Agent::new(n, faces, tally).take_and_give(ISSUES, over)));
        let working: Vec<_> = working.collect();
        let end = SetOnDrop(over);
        // Whether a call is affected is random.
        while done < harms || (tally.repeated() == 0 && done < harms + 100) {
            done += 1;
            let enough = tally.answered() + 20;
            wait_for("agents that work", PATIENCE, || {
                (tally.answered() >= enough).then_some(())
            });
            harm(fleet.site());
            recovery = recovery.max(fleet.assert_recovers(Instant::now()));
        }
        drop(end);
        let agents = working.into_iter().map(|one| one.join().unwrap());
        agents.map(|agent| agent.slowest).max().unwrap()
    });
    assert_all_agree(&fleet, &tally);
    assert_heard_all(&fleet, listeners);
    eprintln!(
        "{done} times: {}; the slowest answer took {slowest:?}, the longest recovery {recovery:?}",
        tally.figures()
    );
    assert!(slowest < NEVER, "an answer took {slowest:?}");
    assert!(
        tally.repeated() > 0,
        "no call was hit, so nothing was tried"
    );
}

#[test]
fn prove_connections_that_are_ended_cost_no_more_than_another_attempt() {
    let Some(site) = site(ISSUES) else { return };
    let fleet = Fleet::new(site, INSTANCES);
    endure(fleet, rounds(30, 300), |site| {
        let broken = || site.ask_database(BROKEN)[0].parse::<u32>().unwrap();
        let before = broken();
        site.ask_database(SEVER);
        wait_for("the end of two sessions", PATIENCE, || {
            (broken() >= before + 2).then_some(())
        });
    });
}

#[test]
fn prove_a_restart_of_the_database_costs_no_more_than_another_attempt() {
    let Some(server) = Server::start(Durability::Full) else {
        return;
    };
    endure(fleet_at(&server), rounds(2, 12), |_| server.restart());
}

/// Kills one server process, upon which PostgreSQL ends all others, because their shared memory may be damaged.
#[test]
fn prove_a_crash_of_the_database_costs_no_more_than_another_attempt() {
    let Some(server) = Server::start(Durability::Full) else {
        return;
    };
    endure(fleet_at(&server), rounds(2, 12), |site| {
        let process = site.ask_database(SOME).pop().expect("a process");
        let kill = format!("kill -9 {process}");
        let killed = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(killed.success());
    });
}

fn fleet_at(server: &Server) -> Fleet {
    let site = Site::at(server, world_with_issues(REPO, ISSUES));
    Fleet::new(site, INSTANCES)
}
