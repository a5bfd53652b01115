//! Many agents at several instances compete for the same issues, also while instances are killed.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use fastrand::Rng;
use issuecommand_testkit::prove::rounds;

use super::agent::{Agent, AgentStats};
use super::fleet::Fleet;
use super::{assert_all_agree, site};
use crate::harness::{PATIENCE, wait_for};

const INSTANCES: usize = 4;

#[test]
fn prove_one_owner_of_each_issue_at_four_instances() {
    contend(&AgentStats::default(), 0);
}

#[test]
fn prove_one_owner_of_each_issue_while_instances_are_killed() {
    contend(&AgentStats::of_mortals(), rounds(4, 30));
}

fn contend(tally: &AgentStats, kills: u32) {
    let (agents, issues) = (rounds(16, 64) as usize, rounds(60, 500));
    let Some(site) = site(issues) else { return };
    let mut fleet = Fleet::new(site, INSTANCES);
    let faces = fleet.faces().to_vec();
    let begin = Instant::now();
    thread::scope(|scope| {
        let faces = &faces;
        for n in 0..agents {
            scope.spawn(move || Agent::new(n, faces, tally).want_all(issues));
        }
        let mut random = Rng::with_seed(64);
        let all = agents * issues as usize;
        for kill in 1..=kills as usize {
            let victim = random.usize(..INSTANCES);
            // It should be busy when it is killed.
            fleet.wait_until_there(victim);
            let enough = all * kill / (kills as usize + 1);
            wait_for("answers", 3 * PATIENCE, || {
                (tally.answered() >= enough).then_some(())
            });
            fleet.kill_and_restart(victim);
        }
    });
    let seconds = begin.elapsed().as_secs_f64();

    for n in 0..INSTANCES {
        fleet.wait_until_there(n);
    }
    assert_eq!(tally.held().len(), issues as usize, "nothing is left");
    assert_all_agree(&fleet, tally);
    let cut_off = tally.cut_off.load(Ordering::Relaxed);
    assert_eq!(cut_off > 0, kills > 0, "calls cut off: {cut_off}");
    eprintln!(
        "{INSTANCES} instances, {agents} agents, {issues} issues, {kills} kills: {} in {seconds:.1} s",
        tally.figures()
    );
}
