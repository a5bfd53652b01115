//! Feedback returns to exactly one agent: the promises of follow-ups and webhooks, tested with real processes.

mod author;
mod burst;
mod crowd;
mod duplicates;
mod examples;
mod kill;
mod outage;
mod refused;
mod stdio;
pub(crate) mod talk;
