//! The batching writer: one task a process that takes every command that waits, decides them together and commits them
//! together, over a small trait that each database implements.
//!
//! It knows no clock and no rule: those are the backend's and the engine's. Of SQL it knows what all backends understand
//! alike, in [`whole`] and [`TALLY`].

mod backend;
mod batch;
mod ids;
mod tally;
pub mod whole;
mod writer;

pub use self::backend::Backend;
pub use self::ids::RandomIds;
pub use self::tally::{Counted, TALLY, tally};
pub use self::writer::{Writer, WriterOptions};
