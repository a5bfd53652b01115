//! The REST client against the emulated GitHub, over real connections and through gh; the decoding of deliveries.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod altered;
mod backends;
mod bounds;
mod faults;
mod gh;
mod issue;
mod limits;
mod lists;
mod news;
mod relations;
mod secrets;
mod setup;
mod trust;
mod webhooks;
mod writes;
