//! The ports of the service: a store, GitHub, a decoder of GitHub's webhook deliveries, and this machine's processes.

pub mod deliveries;
pub mod github;
pub mod processes;
pub mod store;
