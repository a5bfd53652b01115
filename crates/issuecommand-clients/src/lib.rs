//! The MCP clients that IssueCommand can be entered into: where each keeps its configuration, in which form, and how that
//! is changed so that nothing else in the file is.
//!
//! [`targets`] says which files must say what, [`plan`] compares that with the files, [`mod@write`] stores the result. An
//! insertion is taken back to the byte by [`plan::removal`]. This crate knows nothing of the service; it reads no environment
//! and starts no process.

mod client;
mod command_line;
mod edit;
mod entered;
mod environment;
mod hooks;
mod json;
mod mark;
mod obstacles;
mod places;
pub mod plan;
mod server;
mod servers;
mod target;
mod toml;
mod value;
pub mod write;

pub use self::client::{Client, Scope};
pub use self::edit::{Beside, Edit, EditError, Format, apply, revert};
pub use self::entered::{Entered, Names, entered};
pub use self::environment::{Environment, Os};
pub use self::hooks::Moment;
pub use self::mark::Mark;
pub use self::obstacles::obstacles;
pub use self::places::detect;
pub use self::server::{KEY_VARIABLE, Kind, Launch, Server, Variable};
pub use self::target::{
    Request, Target, TargetError, Targets, has_plugin, plugin_settings, targets, targets_of_removal,
};
pub use self::value::Value;
