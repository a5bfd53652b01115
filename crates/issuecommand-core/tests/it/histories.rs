//! The promises hold after every command of every random history of agents, GitHub and time.

use std::cell::RefCell;

use issuecommand_core::domain::issue::{IssueFilter, MirroredIssue};
use issuecommand_core::domain::time::{Clock, MAX_STEP_BACK, Millis, Timestamp};
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::ports::store::Store;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::coverage::Coverage;
use crate::invariants::{Invariants, ready};
use crate::random::config;
use crate::steps::{Answering, News, Step, StepKind, World, step};

/// One command with its time.
type TimedCommand = (Timestamp, Command);

/// Runs a history and checks the invariants after every command.
fn live(steps: &[Step], auto_close: bool) -> (World, Vec<TimedCommand>, Vec<Outcome>) {
    let mut world = World::new(auto_close);
    let mut record = (Vec::new(), Vec::new());
    for command in world.founding() {
        record.1.push(world.store.run(command.clone()).unwrap());
        record.0.push((world.clock.now(), command));
    }
    let mut before = world.store.snapshot();
    let mut now = world.clock.now();
    for step in steps {
        world.clock.advance(Millis::seconds(step.seconds));
        // The conformance suite covers how a store handles a clock that is further behind.
        let least = now.minus(MAX_STEP_BACK);
        world.clock.set(world.clock.now().max(least));
        now = now.max(world.clock.now());
        world.learn(&before);
        let command = world.command(step, &before);
        let outcome = world.store.run(command.clone()).unwrap();
        let after = world.store.snapshot();
        let invariants = Invariants {
            before: &before,
            command: &command,
            outcome: &outcome,
            after: &after,
            now,
        };
        invariants.check();
        record.0.push((world.clock.now(), command));
        record.1.push(outcome);
        before = after;
    }
    (world, record.0, record.1)
}

/// The store offers exactly the ready issues.
fn offers_what_is_ready(world: &World, runtime: &tokio::runtime::Runtime) {
    let offered = runtime
        .block_on(world.store.open_issues(&IssueFilter::default()))
        .unwrap();
    let offered: Vec<_> = offered.iter().map(MirroredIssue::key).collect();
    let snapshot = world.store.snapshot();
    let expected: Vec<_> = ready(&snapshot)
        .into_iter()
        .map(MirroredIssue::key)
        .collect();
    assert_eq!(offered, expected);
}

/// The same commands at the same times give the same answers and the same store.
fn replay(world: &World, asked: Vec<TimedCommand>, heard: &[Outcome], auto_close: bool) {
    let again = World::new(auto_close);
    for ((at, command), outcome) in asked.into_iter().zip(heard) {
        again.clock.set(at);
        assert_eq!(again.store.run(command).as_ref(), Ok(outcome));
    }
    assert_eq!(again.store.snapshot(), world.store.snapshot());
}

#[test]
fn prove_the_promises_hold_in_every_history() {
    let config = config(200, 2_000);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let histories = (prop::collection::vec(step(), 1..200), any::<bool>());
    let tally = RefCell::new(Coverage::default());
    let run = TestRunner::new(config).run(&histories, |(steps, auto_close)| {
        let (world, asked, heard) = live(&steps, auto_close);
        offers_what_is_ready(&world, &runtime);
        let mut tally = tally.borrow_mut();
        for ((_, command), outcome) in asked.iter().zip(&heard) {
            tally.outcome(command, outcome);
        }
        tally.end(&world.store.snapshot());
        replay(&world, asked, &heard, auto_close);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    tally.borrow().is_all_there();
}

#[test]
fn feedback_stays_where_it_was_said_when_the_name_is_taken() {
    let steps = [
        StepKind::News(News::polled(1, 7, 1_946, 0, false)),
        StepKind::Repos(vec![(2, 1, false)]),
        StepKind::News(News::polled(1, 7, 0, 1, false).told_by_name()),
        StepKind::Answering(Answering::Work { who: 0, name: None }),
    ];
    let steps: Vec<Step> = steps.map(|what| Step::after(0, what)).into();
    live(&steps, false);
}
