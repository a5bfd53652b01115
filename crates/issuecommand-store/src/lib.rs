//! The batching writer: one task per process takes all waiting commands, decides them together and commits them in one
//! transaction, over a small trait that each database implements.
//!
//! The clock is the backend's and the rules are the engine's. The only SQL here is understood by both databases: [`dump`] and
//! [`STATS`].

/// Counts the issues that have more than one active claim.
macro_rules! shared_issues {
    () => {
        "SELECT count(*) FROM (SELECT 1 AS one FROM claim WHERE status NOT IN ('closed', 'released')
             GROUP BY repo_id, number HAVING count(*) > 1) AS shared"
    };
}

/// Counts the pull requests that more than one agent works on.
macro_rules! shared_pulls {
    () => {
        "SELECT count(*) FROM (SELECT 1 AS one FROM followup WHERE status IN ('claimed', 'in_progress')
             GROUP BY repo_id, number HAVING count(DISTINCT owner) > 1) AS shared"
    };
}

mod backend;
mod batch;
mod clock;
mod condition;
pub mod dump;
mod event_log;
mod fence;
mod id_generator;
mod stats;
mod writer;

pub use self::backend::Backend;
pub use self::clock::{corrections, log_step, steps_as_text, steps_of_text};
pub use self::fence::Fence;
pub use self::id_generator::RandomIds;
pub use self::stats::{STATS, StatsRow, status_counts};
pub use self::writer::{Writer, WriterOptions};
