//! The conformance suite of stores: plain functions over a store and a clock. A store backend is correct when all of them
//! pass, and when [`model_based`] finds no difference to the memory store on random histories.
//!
//! A backend's crate writes, in its tests,
//!
//! ```text
//! struct File(TempDir);
//!
//! #[async_trait]
//! impl Backend for File {
//!     async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> { … }
//! }
//!
//! issuecommand_conformance::conformance!(|| File(tempfile::tempdir().unwrap()));
//! ```
//!
//! and gets one test for each case. `list.rs` has the only list. A case that is missing there is dead code, which the
//! compiler reports; a name without a case does not compile.

#[macro_use]
mod suite;

mod affinity;
mod allowed_repos;
mod attempts;
mod attention_rows;
mod authorization;
mod backend;
mod candidates;
mod claim_transitions;
mod claims;
mod clock_jumps;
mod clock_moves;
mod clocks;
mod coalescing;
mod concurrent_handles;
mod contention;
mod daily_numbers;
mod deliveries;
mod dependencies;
mod dependency_graph;
mod encoding;
mod events;
mod explain;
mod feedback_edits;
mod followup_queue;
mod followup_staleness;
mod followup_transitions;
mod freshness;
mod full_sync;
mod future_times;
mod growth;
mod halts;
mod holdings;
mod idempotency;
mod issue_deliveries;
mod issue_pages;
mod latest_events;
mod leases;
mod list;
mod mirror;
pub mod model_based;
mod next_issue;
mod notices;
mod outbox;
mod outbox_entries;
mod parks;
mod persons;
mod polling;
mod pr_link_ends;
mod pr_linking;
mod pr_links;
mod pr_names;
mod priority;
mod pull_edges;
mod pulls;
mod pushes;
mod queries;
mod random;
mod readiness;
mod readiness_histories;
mod reopened_issues;
mod repo_policies;
mod repositories;
mod repository_names;
mod repository_webhooks;
mod resolution;
mod retention;
mod routes;
mod sessions;
mod sessions_over;
mod signs_of_life;
mod staleness;
pub mod stored_database;
mod suspension;
mod transfers;
mod trust;
mod unsynced;
mod web_sessions;
mod withheld_issues;
mod world;

pub use self::backend::{Backend, OpenedStore, run};
pub use self::list::cases;
pub use self::world::World;
