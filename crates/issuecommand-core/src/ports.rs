//! The ports of the service: a store, GitHub, a decoder of GitHub's webhook deliveries, a reader of
//! repositories' policies, and this machine's processes.

pub mod deliveries;
pub mod github;
pub mod processes;
pub mod read_model;
pub mod repo_policies;
pub mod store;
