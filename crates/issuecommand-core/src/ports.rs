//! The ports of the service: a store, GitHub, and a decoder of GitHub's webhook deliveries.

pub mod deliveries;
pub mod github;
pub mod store;
