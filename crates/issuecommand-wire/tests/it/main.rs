//! The wire, held beside the contract: records, inputs, refusals, failures, schemas.
#![allow(clippy::unwrap_used, reason = "tests")]

mod followups;
mod inputs;
mod no_table;
mod records;
mod samples;
mod schemas;
