//! A server that is killed under load keeps everything that it acknowledged, and nothing that was not requested.

mod agent;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use self::agent::Agent;
use crate::harness::{Http, Mcp, PATIENCE, Program, SetOnDrop, Site, Store, wait_for};

on_each_store!(prove_kill_9_loses_nothing_that_was_acknowledged,);

const REPO: &str = "acme/harbour";
const ISSUES: u32 = 150;
const AGENTS: u64 = 6;

fn prove_kill_9_loses_nothing_that_was_acknowledged(store: Store) {
    let site = Site::with_issues_on(store, REPO, ISSUES);
    let mut random = Rng::with_seed(4711);
    let mut agents: Vec<Agent> = (0..AGENTS).map(Agent::new).collect();
    let kills = rounds(3, 30);

    // Another process on the same file keeps running and must not be affected.
    let mut neighbour = site.program(Program::Mcp).start_mcp();
    neighbour.greet();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let working = scope.spawn(|| work_on(&mut neighbour, &over));
        let _over = SetOnDrop(&over);
        for _ in 0..kills {
            live_and_die(&site, &mut agents, &mut random);
        }
        over.store(true, Ordering::Relaxed);
        assert!(working.join().unwrap() > 0, "the neighbour did some work");
    });

    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    for agent in &mut agents {
        agent.come_back(&http).expect("a server that nobody kills");
    }
    let mut acknowledged = BTreeMap::new();
    for agent in &agents {
        for issue in agent.issues() {
            let before = acknowledged.insert(issue, agent.name().to_owned());
            assert_eq!(
                before,
                None,
                "issue {issue} was given to {} too",
                agent.name()
            );
        }
    }
    let active = http.get("/api/claims").body["claims"].clone();
    let active = active.as_array().unwrap().iter();
    let active: Vec<(u64, String)> = active
        .map(|c| {
            (
                c["issue_number"].as_u64().unwrap(),
                c["agent_id"].as_str().unwrap().to_owned(),
            )
        })
        .filter(|(_, agent)| agent != NEIGHBOUR)
        .collect();
    assert_eq!(
        active
            .iter()
            .map(|(issue, _)| issue)
            .collect::<BTreeSet<_>>()
            .len(),
        active.len()
    );
    assert_eq!(active.into_iter().collect::<BTreeMap<_, _>>(), acknowledged);
    site.assert_sound();
    let unsure: usize = agents.iter().map(Agent::unsure).sum();
    let done: usize = agents.iter().map(Agent::acknowledged).sum();
    eprintln!("{kills} kills, {done} acknowledged calls, {unsure} calls cut off");
    assert!(
        unsure > 0,
        "no call was cut off by a kill, so nothing was tried"
    );
}

/// One life of a server: it opens the database as the last one left it, agents load it, and it is killed.
fn live_and_die(site: &Site, agents: &mut [Agent], random: &mut Rng) {
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    site.assert_sound();
    let answered = AtomicUsize::new(0);
    let enough = 20 + random.usize(..80);
    let pause = Duration::from_millis(random.usize(..20) as u64);
    thread::scope(|scope| {
        // Moved in here, so that the server and its agents end even if waiting fails.
        let mut server = server;
        for agent in agents {
            let (http, answered) = (&http, &answered);
            scope.spawn(move || agent.work_until_cut_off(http, answered));
        }
        wait_for("the agents' work", PATIENCE, || {
            (answered.load(Ordering::Relaxed) >= enough).then_some(())
        });
        thread::sleep(pause);
        server.kill_9();
    });
}

const NEIGHBOUR: &str = "neighbour";

/// Claims and releases until told to stop; returns how often.
fn work_on(mcp: &mut Mcp, over: &AtomicBool) -> usize {
    let mut done = 0;
    while !over.load(Ordering::Relaxed) {
        let given = mcp.call("next_issue", &json!({ "agent_id": NEIGHBOUR }));
        assert_eq!(given["ok"], true, "{given}");
        let release = json!({ "agent_id": NEIGHBOUR, "claim_id": given["claim"]["claim_id"] });
        assert_eq!(mcp.call("release_issue", &release)["ok"], true);
        done += 1;
        // It should run without taking the whole machine.
        thread::sleep(Duration::from_millis(20));
    }
    done
}
