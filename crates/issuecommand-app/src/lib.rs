//! The composition: puts store, GitHub, MCP and HTTP together and runs them until they are told to stop. The only crate that
//! knows all adapters.

mod ask;
pub mod background;
pub mod cli;
mod clock;
mod compose;
mod database;
mod error;
mod github;
mod logging;
mod metrics;
mod needs;
mod neighbours;
mod open_files;
mod parent;
mod port;
mod reach;
mod registry;
mod run;
mod start_report;
mod stop;
mod unstarted;

pub use clock::SystemClock;
pub use compose::Composition;
pub use error::AppError;
pub use run::{Role, run};
