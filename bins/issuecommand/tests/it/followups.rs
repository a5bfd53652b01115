//! Feedback comes back to one agent each, whatever happens on the way: the promises of follow-ups and webhooks, held by real
//! processes.

mod author;
mod burst;
mod crowd;
mod duplicates;
mod examples;
mod kill;
mod outage;
mod refused;
mod stdio;
mod talk;
