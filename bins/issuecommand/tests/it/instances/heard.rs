//! A reader of the event stream at any instance gets the events of all instances, once and in order.

use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use issuecommand_testkit::prove::rounds;
use serde_json::json;

use super::agent::{Agent, AgentStats};
use super::fleet::Fleet;
use super::{REPO, assert_all_agree, site};
use crate::harness::{EventLog, Events, PATIENCE, SetOnDrop, wait_for};

const INSTANCES: usize = 4;
const AGENTS: usize = 8;
const ISSUES: u32 = 40;

/// The agent of the last event.
const LAST: &str = "the-last";

/// Reads from the beginning of the log until the last event.
pub(super) struct Listener(JoinHandle<Vec<u64>>);

impl Listener {
    /// Begins at the first of these instances. After so many events, and when disconnected, it resumes at the next instance
    /// after the last event.
    pub(super) fn start(fleet: &Fleet, at: &[usize], stay: usize) -> Self {
        let addresses: Vec<String> = at.iter().map(|n| fleet.address(*n).to_owned()).collect();
        Self(thread::spawn(move || listen(&addresses, stay)))
    }
}

fn listen(addresses: &[String], stay: usize) -> Vec<u64> {
    let mut heard: Vec<u64> = Vec::new();
    let mut again = Instant::now();
    for address in addresses.iter().cycle() {
        assert!(again.elapsed() < PATIENCE, "{address} has no stream");
        let after = heard.last().copied().unwrap_or(0);
        let Some(mut events) = Events::try_after(address, after) else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        again = Instant::now();
        for _ in 0..stay {
            let Some((kind, event)) = events.next() else {
                break;
            };
            again = Instant::now();
            if ["connected", "ping"].contains(&kind.as_str()) {
                continue;
            }
            heard.push(number(&event));
            if kind == "claim.created" && event["agent_id"] == LAST {
                return heard;
            }
        }
    }
    heard
}

fn number(event: &serde_json::Value) -> u64 {
    event["event_id"].as_str().unwrap().parse().unwrap()
}

/// Makes the last event, and asserts that each reader got the whole log up to it.
pub(super) fn assert_heard_all(fleet: &Fleet, listeners: Vec<Listener>) {
    let http = &fleet.faces()[0];
    let release = json!({ "agent_id": LAST });
    // At least one issue is free, unless agents hold all: then one is released.
    let next = wait_for("a free issue", PATIENCE, || {
        let given = http.post("/api/next", &json!({ "agent_id": LAST }));
        (given.status == 200).then_some(given.body)
    });
    let claim = next["claim"]["claim_id"].as_str().unwrap();
    let log = EventLog::read(fleet.address(0));
    let all = log.iter().map(number);
    let last = log
        .of("claim.created")
        .find(|event| event["agent_id"] == LAST)
        .map(number)
        .unwrap();
    let all: Vec<u64> = all.take_while(|event| *event <= last).collect();
    assert!(all.is_sorted_by(|a, b| a < b), "{all:?}");
    for (n, Listener(listening)) in listeners.into_iter().enumerate() {
        let heard = listening.join().unwrap();
        assert!(
            heard == all,
            "listener {n} heard {} of {}: {heard:?} {all:?}",
            heard.len(),
            all.len()
        );
    }
    let path = format!("/api/claims/{claim}");
    http.ask("DELETE", &path, Some(&release)).unwrap();
    eprintln!("{} events, each heard once, in order", all.len());
}

#[test]
fn prove_each_event_is_sent_once_by_every_instance() {
    let Some(site) = site(ISSUES) else { return };
    let mut fleet = Fleet::new(site, INSTANCES);
    let faces = fleet.faces().to_vec();
    let (tally, over) = (AgentStats::of_mortals(), AtomicBool::new(false));
    let mut listeners: Vec<Listener> = (0..INSTANCES)
        // A reader at a killed instance continues at another.
        .map(|n| Listener::start(&fleet, &[n, (n + 1) % (INSTANCES - 1)], usize::MAX))
        .collect();
    // And some readers that keep changing instances.
    listeners.extend([3, 10, 50].map(|stay| Listener::start(&fleet, &[0, 1, 2], stay)));
    thread::scope(|scope| {
        let (faces, tally, over) = (&faces, &tally, &over);
        for n in 0..AGENTS {
            scope.spawn(move || Agent::new(n, faces, tally).take_and_give(ISSUES, over));
        }
        let _end = SetOnDrop(over);
        let half = rounds(200, 2000) as usize;
        for lives in 1..=2 {
            wait_for("answers", 3 * PATIENCE, || {
                (tally.answered() >= half * lives).then_some(())
            });
            if lives == 1 {
                fleet.kill_and_restart(INSTANCES - 1);
            }
        }
    });
    fleet.wait_until_there(INSTANCES - 1);
    assert_all_agree(&fleet, &tally);
    assert_heard_all(&fleet, listeners);
    eprintln!("{REPO}: {}", tally.figures());
}
