//! Exactly one process does the background work.

use std::time::Duration;

use issuecommand_github_emulator::Fault;
use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use crate::harness::{Http, Mcp, PATIENCE, Program, Site, Store, wait_for};

on_each_store!(
    one_of_three_syncs_and_gives_the_lease_back_when_it_ends,
    prove_takeover_of_the_background_work_from_one_that_was_killed,
    prove_takeover_of_a_first_sync_whose_process_was_killed,
);

const TAKEN: &str = "this process does the background work now";

/// The index of the process that does the background work.
fn holder(crowd: &[Mcp]) -> Option<usize> {
    crowd
        .iter()
        .position(|mcp| !mcp.process.logged(TAKEN).is_empty())
}

/// The number of syncs, each of which begins with the list of repositories.
fn syncs(site: &Site) -> usize {
    site.github.requests_to("GET /user/repos").len()
}

fn crowd(site: &Site) -> Vec<Mcp> {
    let mut crowd: Vec<Mcp> = (0..3)
        .map(|_| site.program(Program::Mcp).start_mcp())
        .collect();
    crowd.iter_mut().for_each(Mcp::greet);
    crowd
}

fn one_of_three_syncs_and_gives_the_lease_back_when_it_ends(store: Store) {
    let site = Site::with_issues_on(store, "acme/harbour", 3);
    let mut crowd = crowd(&site);
    let first = wait_for("one to take the lease", PATIENCE, || holder(&crowd));
    crowd[first]
        .process
        .wait_until_logged("synced with GitHub", PATIENCE);
    for mcp in &mut crowd {
        assert_eq!(
            mcp.call("list_open_issues", &json!({ "repo": "acme/harbour" }))["issues"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
    }
    let holders = crowd
        .iter()
        .filter(|mcp| !mcp.process.logged(TAKEN).is_empty())
        .count();
    assert_eq!((holders, syncs(&site)), (1, 1));

    let mut gone = crowd.remove(first);
    gone.leave();
    assert!(gone.process.wait_for_end(PATIENCE).success());
    // The others check every 5 s.
    let second = wait_for("another to take the lease", Duration::from_secs(10), || {
        holder(&crowd)
    });
    crowd[second]
        .process
        .wait_until_logged("synced with GitHub", PATIENCE);
    assert_eq!(syncs(&site), 2);
}

/// Whether this run is too short for leases to expire.
fn is_short() -> bool {
    let is_short = rounds(0, 1) == 0;
    if is_short {
        skipped("it waits for a lease to run out; `cargo xtask prove takeover` runs it");
    }
    is_short
}

/// It takes half a minute, the duration of the dead process's lease: not in every run.
fn prove_takeover_of_the_background_work_from_one_that_was_killed(store: Store) {
    if is_short() {
        return;
    }
    let site = Site::with_issues_on(store, "acme/harbour", 3);
    let mut crowd = crowd(&site);
    let first = wait_for("one to take the lease", PATIENCE, || holder(&crowd));
    crowd[first]
        .process
        .wait_until_logged("synced with GitHub", PATIENCE);
    let mut gone = crowd.remove(first);
    gone.process.kill_9();
    let second = wait_for("another to take over", Duration::from_secs(36), || {
        holder(&crowd)
    });
    crowd[second]
        .process
        .wait_until_logged("synced with GitHub", PATIENCE);
    assert_eq!(syncs(&site), 2);
}

/// As long as the other.
fn prove_takeover_of_a_first_sync_whose_process_was_killed(store: Store) {
    if is_short() {
        return;
    }
    let site = Site::with_issues_on(store, "acme/harbour", 3);
    let list = "GET /repos/acme/harbour/issues";
    site.github.fault(list, Fault::hang().times(1));
    let mut dying = site.program(Program::Http).start();
    wait_for("a first sync", PATIENCE, || {
        site.github.requests_to(list).pop()
    });
    dying.kill_9();

    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    let issues = wait_for("the mirror", Duration::from_secs(45), || {
        let reply = http.get("/api/repos/acme/harbour/issues");
        assert!([200, 503].contains(&reply.status), "{}", reply.body);
        (reply.status == 200).then_some(reply.body["issues"].clone())
    });
    assert_eq!(issues.as_array().unwrap().len(), 3);
}
