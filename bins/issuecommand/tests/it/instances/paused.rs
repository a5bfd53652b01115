//! An instance that is suspended, as on a sleeping machine, and continues unaware of it.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use issuecommand_github_emulator::Fault;
use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::postgres::Server;
use issuecommand_testkit::prove::rounds;

use super::agent::{Agent, AgentStats};
use super::fleet::Fleet;
use super::{REPO, assert_all_agree, site};
use crate::harness::{
    Http, PATIENCE, Process, Program, SetOnDrop, Site, wait_for, world_with_issues,
};

const INSTANCES: usize = 3;
const AGENTS: usize = 12;
const ISSUES: u32 = 60;

/// Transactions with writes or locks whose instance does not continue them.
const STUCK: &str = "
    SELECT CAST(pid AS TEXT) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'issuecommand' AND backend_xid IS NOT NULL
        AND state = 'idle in transaction' AND state_change < clock_timestamp() - interval '300 milliseconds'";

/// Stops an instance in the middle of a transaction.
fn stop_amid_a_transaction(site: &Site, server: &Process, random: &mut Rng) {
    wait_for("a stop amid a transaction", 2 * PATIENCE, || {
        server.signal("STOP");
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(500) {
            if !site.ask_database(STUCK).is_empty() {
                return Some(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        server.signal("CONT");
        thread::sleep(Duration::from_millis(random.usize(..30) as u64));
        None
    });
}

#[test]
fn prove_claims_continue_while_an_instance_is_paused_in_a_transaction() {
    let Some(site) = site(ISSUES) else { return };
    let fleet = Fleet::new(site, INSTANCES);
    let (pauses, mut random) = (rounds(2, 10), Rng::with_seed(5));
    let (tally, over) = (AgentStats::default(), AtomicBool::new(false));
    let (mut most, mut least) = (Duration::ZERO, usize::MAX);
    let slowest = thread::scope(|scope| {
        let (faces, tally, over) = (fleet.faces(), &tally, &over);
        let working = (0..AGENTS)
            .map(|n| scope.spawn(move || Agent::new(n, faces, tally).take_and_give(ISSUES, over)));
        let working: Vec<_> = working.collect();
        let end = SetOnDrop(over);
        for _ in 0..pauses {
            stop_amid_a_transaction(fleet.site(), &fleet.servers[0], &mut random);
            let begin = Instant::now();
            let before = tally.answered();
            // All later responses are from the other instances.
            wait_for("the others to go on", Duration::from_secs(15), || {
                (tally.answered() >= before + 20).then_some(())
            });
            most = most.max(begin.elapsed());
            thread::sleep(Duration::from_secs(6).saturating_sub(begin.elapsed()));
            least = least.min(tally.answered() - before);
            fleet.servers[0].signal("CONT");
            let woken = Http::at(fleet.address(0));
            wait_for("the woken one to answer", PATIENCE, || {
                (woken.get("/api/claims").status == 200).then_some(())
            });
        }
        drop(end);
        let agents = working.into_iter().map(|one| one.join().unwrap());
        // Those of the paused instance had to wait for it.
        let others = agents.enumerate().filter(|(n, _)| n % INSTANCES != 0);
        others.map(|(_, agent)| agent.slowest).max().unwrap()
    });
    assert_all_agree(&fleet, &tally);
    eprintln!(
        "{pauses} pauses of 6 s: {}; the others went on within {most:?}, with {least} answers at least; their slowest took {slowest:?}",
        tally.figures()
    );
    assert!(
        slowest < Duration::from_secs(12),
        "an answer took {slowest:?}"
    );
}

const TAKEN: &str = "this process does the background work now";

/// It takes half a minute, the duration of a lease: not in every run.
#[test]
fn prove_takeover_of_background_work_from_a_paused_instance() {
    if rounds(0, 1) == 0 {
        skipped("it waits for a lease to run out; `cargo xtask prove takeover` runs it");
        return;
    }
    let Some(server) = Server::shared() else {
        return;
    };
    let mut world = world_with_issues(REPO, 3);
    world.add_repo("acme/slow");
    world.open_issue("acme/slow", "It will be closed meanwhile");
    let site = Site::at(server, world);
    let list = "GET /repos/acme/slow/issues";
    site.github
        .fault(list, Fault::delay(Duration::from_secs(2)).times(1));

    let start = || site.program(Program::Http).start();
    let mut first = start();
    let face = Http::at(first.address());
    first.wait_until_logged(TAKEN, PATIENCE);
    wait_for("the list to be asked for", PATIENCE, || {
        site.github.requests_to(list).pop()
    });
    first.signal("STOP");
    let stopped = Instant::now();
    let mut second = start();
    let other = Http::at(second.address());

    // The response that the first one will receive when it wakes is from before this.
    thread::sleep(Duration::from_secs(4));
    site.github.world(|world| {
        world.close_issue("acme/slow", 1);
        world.open_issue("acme/slow", "It is new");
    });
    second.wait_until_logged(TAKEN, Duration::from_secs(45));
    let takeover = stopped.elapsed();
    second.wait_until_logged("synced with GitHub", PATIENCE);
    let numbers = |http: &Http| -> Vec<u64> {
        let reply = http.get("/api/repos/acme/slow/issues");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let issues = reply.body["issues"].as_array().unwrap().iter();
        issues.map(|i| i["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&other), [2]);
    let lease = || site.ask_database("SELECT holder || ' ' || epoch FROM lease");
    let before = lease();
    let state = "SELECT state || ' ' || checked_at || ' ' || updated_at FROM issue JOIN repo ON id = repo_id
         WHERE name = 'acme/slow' ORDER BY number";
    let known = site.ask_database(state);

    first.signal("CONT");
    let woken = Instant::now();
    wait_for("it to find the lease lost", PATIENCE, || {
        let messages = [
            "the background work lost its lease",
            "another process does the background work now",
        ];
        messages
            .iter()
            .any(|text| !first.logged(text).is_empty())
            .then_some(())
    });
    let found = woken.elapsed();
    assert_eq!(first.logged("synced with GitHub").len(), 0);
    assert_eq!(numbers(&face), [2]);
    assert_eq!(numbers(&other), [2]);
    assert_eq!(
        (lease(), site.ask_database(state)),
        (before, known),
        "what the woken one changed"
    );
    assert_eq!(first.logged(TAKEN).len(), 1);
    eprintln!(
        "taken over {takeover:?} after the holder was stopped; it found out {found:?} after it woke"
    );
    assert!(takeover < Duration::from_secs(36), "{takeover:?}");
}
