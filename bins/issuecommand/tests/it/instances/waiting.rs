//! Callers that wait at several instances: each new issue goes to one of them, whatever instance hears of it.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use issuecommand_github_emulator::World;
use issuecommand_testkit::prove::rounds;

use super::fleet::Fleet;
use super::site;
use crate::harness::{PATIENCE, wait_for};
use crate::waiting::{Surface, Waiter, open_issue, waiting, woken};

const INSTANCES: usize = 4;
const WAITERS: usize = 50;

/// Those who wait, and what they were given. Whoever gets an issue is replaced.
struct Crowd<'a> {
    fleet: &'a Fleet,
    random: Rng,
    waiters: Vec<Waiter>,
    begun: usize,
    given: BTreeMap<u64, String>,
}

impl Crowd<'_> {
    fn begin(&mut self) -> Waiter {
        let at = self.begun % INSTANCES;
        let agent = format!("w{}", self.begun);
        self.begun += 1;
        Waiter::begin(Surface::Http, &self.fleet.faces()[at], &agent)
    }

    fn fill(&mut self) {
        while self.waiters.len() < WAITERS {
            let waiter = self.begin();
            self.waiters.push(waiter);
        }
    }

    /// Notes what was given meanwhile.
    fn collect(&mut self) {
        for waiter in std::mem::take(&mut self.waiters) {
            self.note(waiter);
        }
        self.fill();
    }

    fn note(&mut self, mut waiter: Waiter) {
        let Some(answer) = waiter.answer() else {
            self.waiters.push(waiter);
            return;
        };
        let Waiter { agent, .. } = waiter;
        if answer.status == 409 {
            // Its time was over.
            assert_eq!(answer.body["reason"], "invalid_issue", "{}", answer.body);
            return;
        }
        assert_eq!(answer.status, 200, "{agent}: {}", answer.body);
        let claim = &answer.body["claim"];
        assert_eq!(claim["agent_id"], *agent, "{claim}");
        let issue = claim["issue_number"].as_u64().unwrap();
        let before = self.given.insert(issue, agent);
        assert_eq!(before, None, "{issue} was given twice: {claim}");
    }
}

#[test]
fn prove_each_new_issue_ends_one_of_fifty_waits_at_four_instances() {
    let Some(site) = site(0) else { return };
    site.github.world(World::record_deliveries);
    let fleet = Fleet::new(site, INSTANCES);
    let addresses: Vec<&str> = (0..INSTANCES).map(|n| fleet.address(n)).collect();
    let issues = rounds(10, 100) as usize;
    let mut crowd = Crowd {
        fleet: &fleet,
        random: Rng::with_seed(50),
        waiters: Vec::new(),
        begun: 0,
        given: BTreeMap::new(),
    };
    let begin = Instant::now();
    crowd.fill();
    wait_for("all of them to wait", PATIENCE, || {
        let all: u64 = addresses.iter().map(|address| waiting(address)).sum();
        (all == WAITERS as u64).then_some(())
    });

    let mut opened = Vec::new();
    for _ in 0..issues {
        let at = crowd.random.usize(..INSTANCES);
        opened.push(open_issue(fleet.site(), &fleet.faces()[at]));
        // Some come while the one before is being given out.
        thread::sleep(Duration::from_millis(crowd.random.u64(..150)));
        crowd.collect();
    }
    wait_for("all issues to be given out", PATIENCE, || {
        crowd.collect();
        (crowd.given.len() >= issues).then_some(())
    });
    let seconds = begin.elapsed().as_secs();
    // Nobody gets what others have.
    thread::sleep(Duration::from_millis(500));
    crowd.collect();
    assert!(crowd.given.keys().eq(&opened), "{:?}", crowd.given);
    let held = "SELECT CAST(number AS TEXT) || ' ' || agent_id FROM claim ORDER BY number";
    let told: Vec<String> = crowd
        .given
        .iter()
        .map(|(issue, agent)| format!("{issue} {agent}"))
        .collect();
    assert_eq!(fleet.site().ask_database(held), told);
    fleet.site().assert_sound();

    let woken: Vec<(u64, u64)> = addresses.iter().map(|address| woken(address)).collect();
    let nothing: u64 = woken.iter().map(|(_, nothing)| nothing).sum();
    // Each event wakes each waiter once, and so does each regular round.
    let most = WAITERS as u64 * (issues as u64 + 2 + seconds / 10);
    assert!(
        nothing <= most,
        "{nothing} turns for nothing, {most} at most"
    );
    eprintln!(
        "{WAITERS} waiters at {INSTANCES} instances, {issues} issues in {seconds} s: {nothing} turns for nothing"
    );
}
