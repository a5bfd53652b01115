//! The batching writer: one task a process that takes every command that waits, decides them together and commits them
//! together, over a small trait that each database implements.
//!
//! It knows no SQL, no clock and no rule: those are the backend's, the backend's and the engine's.

mod backend;
mod batch;
mod ids;
mod writer;

pub use self::backend::Backend;
pub use self::ids::RandomIds;
pub use self::writer::{Writer, WriterOptions};
