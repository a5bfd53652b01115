//! Tests of the engine as a whole, from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod batches;
mod clocks;
mod coverage;
mod histories;
mod invariants;
mod permutations;
mod random;
mod sessions;
mod steps;
