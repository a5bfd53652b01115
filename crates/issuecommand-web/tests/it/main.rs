//! The dashboard over a memory store, asked without a network.

mod acts;
mod empty;
mod hostile;
mod live;
mod routes;
mod sign_in;
mod world;
