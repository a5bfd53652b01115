//! The HTTP server over real sockets, on core's memory store and a fake GitHub.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod client;
mod departed;
mod document;
mod limits;
mod readers;
mod routes;
mod shutdown;
mod slow;
mod strangers;
mod world;
