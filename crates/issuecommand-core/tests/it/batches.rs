//! A batch of commands has the same result as its commands one after the other.

use std::cell::Cell;

use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Command, Outcome};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::random::config;
use crate::steps::{News, Step, StepKind, World, step};

/// Runs a batch to its end. Returns the order of its commands with their outcomes, and counts deferred ones.
fn decided(world: &World, batch: Vec<Command>, put_off: &Cell<usize>) -> Vec<(Command, Outcome)> {
    let mut order = Vec::new();
    let mut waiting = batch;
    while !waiting.is_empty() {
        let outcomes = world.store.run_batch(&waiting).unwrap();
        assert!(outcomes[0].is_some(), "the first of a batch was deferred");
        let mut later = Vec::new();
        for (command, outcome) in waiting.into_iter().zip(outcomes) {
            match outcome {
                Some(outcome) => order.push((command, outcome)),
                None => later.push(command),
            }
        }
        put_off.set(put_off.get() + later.len());
        waiting = later;
    }
    order
}

fn together_and_alone(batches: &[Vec<Step>], auto_close: bool, put_off: &Cell<usize>) {
    let (mut together, alone) = (World::new(auto_close), World::new(auto_close));
    for command in together.founding() {
        together.store.run(command.clone()).unwrap();
        alone.store.run(command).unwrap();
    }
    for batch in batches {
        let before = together.store.snapshot();
        together.learn(&before);
        let passed = Millis::seconds(batch[0].seconds);
        together.clock.advance(passed);
        alone.clock.advance(passed);
        let commands = batch
            .iter()
            .map(|step| together.command(step, &before))
            .collect();
        for (command, heard) in decided(&together, commands, put_off) {
            let words = format!("{command:?}");
            assert_eq!(alone.store.run(command), Ok(heard), "{words}");
        }
        assert_eq!(alone.store.snapshot(), together.store.snapshot());
    }
}

#[test]
fn prove_a_batch_equals_its_single_commands() {
    let config = config(150, 1_500);
    let batch = prop::collection::vec(step(), 1..12);
    let histories = (prop::collection::vec(batch, 1..30), any::<bool>());
    let put_off = Cell::new(0);
    let run = TestRunner::new(config).run(&histories, |(batches, auto_close)| {
        together_and_alone(&batches, auto_close, &put_off);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(put_off.get() > 0, "no command was ever deferred");
}

#[test]
fn a_text_edited_in_the_batch_that_closes_its_pull_request_counts() {
    let said = Step::after(0, StepKind::News(News::polled(2, 9, 1_646, 0, true)));
    let closed = Step::after(1, StepKind::News(News::closed(2, 9)));
    let edited = Step::after(0, StepKind::News(News::polled(2, 9, 0, 1, true)));
    let batches = [vec![said], vec![closed, edited]];
    together_and_alone(&batches, false, &Cell::new(0));
}
