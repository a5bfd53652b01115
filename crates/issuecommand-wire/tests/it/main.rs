//! The wire compared with the contract: records, parameters, refusals, failures, schemas.
#![allow(clippy::unwrap_used, reason = "tests")]

mod error_table;
mod followups;
mod params;
mod records;
mod samples;
mod schemas;
