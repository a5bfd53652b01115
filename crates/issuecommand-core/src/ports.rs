//! What the service needs from outside: a store, GitHub, and a decoder of its deliveries.

pub mod deliveries;
pub mod github;
pub mod store;
