//! Runs the calls of `issuecommand-wire` for every surface: limits on changes, a task of its own for each call, the time limit,
//! panics, the request's id and the count of outcomes are here once.
//!
//! A surface reads bytes, learns who its caller is, hands a call to the [`Executor`] and writes what comes back. This crate knows
//! no protocol and no JSON; `issuecommand-wire` has the calls and the words of every error, core the rules. It is apart from
//! wire since it needs a runtime and counters, which wire does without.

mod executor;
pub mod keys;
pub mod limits;

pub use self::executor::{CallContext, Executor, Surface};
