//! The composition: assembles store, GitHub, MCP and HTTP and runs them until they are told to stop. Only this crate depends on
//! all adapters.

pub mod background;
pub mod cli;
mod client;
mod clock;
mod composition;
pub mod dashboard;
mod error;
mod github;
mod http_probe;
mod logging;
mod metrics;
mod needs;
mod neighbours;
mod open_files;
mod output;
mod parent;
mod port;
mod processes;
mod reach;
mod registry;
mod role;
mod run;
pub mod settings;
mod shutdown;
mod start_report;
mod unstarted;

pub use clock::SystemClock;
pub use composition::Composition;
pub use error::AppError;
pub use logging::{LogFormat, LogOptions};
pub use role::Role;
pub use run::run;
