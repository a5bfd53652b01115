//! The engine as a whole, from outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod batches;
mod clocks;
mod histories;
mod judge;
mod permutations;
mod random;
mod seen;
mod steps;
