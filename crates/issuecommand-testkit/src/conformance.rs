//! What every store must do, whatever it is made of: plain functions over a store and a clock. A backend is right when all
//! of them pass.
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
//! issuecommand_testkit::conformance!(|| File(tempfile::tempdir().unwrap()));
//! ```
//!
//! and gets one test for each case. The list in `list.rs` is the only one: a case that is not on it is dead code and does not
//! compile without a warning, a name without a case does not compile at all.

#[macro_use]
mod suite;

mod admitting;
mod allowed;
mod answered;
mod backend;
mod candidates;
mod choosing;
mod claiming;
mod clocks;
mod crowding;
mod delivering;
mod doubting;
mod evidence;
mod following;
mod full_sync;
mod future;
mod gathering;
mod growing;
mod hearing;
mod keeping;
mod knowing;
mod latest_word;
mod leasing;
mod linking;
mod list;
mod mirroring;
mod moving;
mod naming;
mod placing;
mod polled;
mod pr_link_ends;
mod pr_links;
mod pr_names;
mod pulls;
mod ranking;
mod reading;
mod reopening;
mod repeating;
mod returning;
mod serving;
mod sharing;
mod silence;
mod spelling;
mod suspending;
mod telling;
mod transfers;
mod waiting;
mod world;
mod writing_back;

pub use self::backend::{Backend, OpenedStore, run};
pub use self::list::cases;
pub use self::world::World;
