//! Many issues with many dependencies among them: none is handed out before what blocks it is closed, and none waits longer.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::issue::RelatedIssue;
use issuecommand_core::engine::command::{Answer, Command, Outcome};
use issuecommand_testkit::builders::{issue, next, record_blockers, record_issues, related};
use issuecommand_testkit::prove::rounds;

use super::random::Numbers;
use super::world::{API, World, at_once};

/// How many agents ask at a time.
const AGENTS: usize = 32;

/// Blockers by the issue that waits. Each has a lower place in a random order, so that there is no circle.
fn graph(issues: i64, edges: usize, numbers: &mut Numbers) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut order: Vec<i64> = (1..=issues).collect();
    numbers.shuffle(&mut order);
    let mut blockers: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    let mut made = 0;
    while made < edges {
        let (one, other) = (numbers.below(issues), numbers.below(issues));
        let (before, after) = (one.min(other), one.max(other));
        let place = |n| order[usize::try_from(n).unwrap_or_default()];
        if before != after
            && blockers
                .entry(place(after))
                .or_default()
                .insert(place(before))
        {
            made += 1;
        }
    }
    blockers
}

/// The number of issues on the longest chain of dependencies.
fn critical_path(issues: i64, blockers: &BTreeMap<i64, BTreeSet<i64>>) -> usize {
    let mut done: BTreeSet<i64> = BTreeSet::new();
    let mut length = 0;
    while done.len() < usize::try_from(issues).unwrap_or_default() {
        let is_ready =
            |n: &i64| !done.contains(n) && blockers.get(n).is_none_or(|of| of.is_subset(&done));
        let ready: Vec<i64> = (1..=issues).filter(is_ready).collect();
        done.extend(ready);
        length += 1;
    }
    length
}

/// All issues that are ready, each taken by one of the agents.
async fn take_all(world: &World) -> Vec<i64> {
    let mut taken = Vec::new();
    loop {
        let asked = (0..AGENTS).map(|n| next(&format!("agent-{n}")));
        let before = taken.len();
        for outcome in at_once(&[world], asked).await {
            match outcome {
                Outcome::Done(Answer::Claim { claim, .. }) => taken.push(claim.number.get()),
                Outcome::Refused(_) => {}
                other => panic!("{other:?}"),
            }
        }
        if taken.len() == before {
            return taken;
        }
    }
}

pub(super) async fn prove_a_graph_of_dependencies_is_worked_off_in_its_order(world: &World) {
    let issues = i64::from(rounds(1_000, 10_000));
    let edges = rounds(300, 3_000) as usize;
    let mut numbers = Numbers(12);
    let blockers = graph(issues, edges, &mut numbers);
    world.mirror(API, (1..=issues).map(issue)).await;
    let blocking = |of: &BTreeSet<i64>| -> Vec<RelatedIssue> {
        of.iter().map(|n| related(API, *n, Some(true))).collect()
    };
    let told: Vec<Command> = blockers
        .iter()
        .map(|(n, of)| record_blockers(API, *n, blocking(of), u32::try_from(of.len()).unwrap_or(0)))
        .collect();
    at_once(&[world], told).await;
    let mut closed = BTreeSet::new();
    let mut turns = 0;
    loop {
        let mut taken = take_all(world).await;
        if taken.is_empty() {
            break;
        }
        turns += 1;
        for n in &taken {
            let open = blockers.get(n).map(|of| of.difference(&closed).count());
            assert_eq!(open.unwrap_or_default(), 0, "#{n} was handed out too early");
        }
        numbers.shuffle(&mut taken);
        let ends = taken.chunks(50).map(|page| {
            let page = page.iter().map(|n| issue(*n).closed().changed(1));
            record_issues(API, page)
        });
        let ends: Vec<Command> = ends.collect();
        at_once(&[world], ends).await;
        closed.extend(taken);
    }
    assert_eq!(closed.len(), usize::try_from(issues).unwrap_or_default());
    assert_eq!(turns, critical_path(issues, &blockers));
}
