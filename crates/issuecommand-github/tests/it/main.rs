//! The REST client against the emulated GitHub, over real connections; the reading of deliveries.
#![allow(clippy::unwrap_used, reason = "tests")]

mod faults;
mod issue;
mod limits;
mod lists;
mod news;
mod secrets;
mod setup;
mod trust;
mod webhooks;
mod writes;
