//! The MCP server over a transport, with rmcp's own client or line by line.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod answers;
mod conformance;
mod errors;
mod followups;
mod handshake;
mod http;
mod lines;
mod list;
mod resources;
mod sessions;
mod sizes;
mod waiting;
mod world;
