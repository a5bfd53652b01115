//! Settings as an operator meets them: files, variables and flags in, values or one sentence out.
#![allow(clippy::unwrap_used, reason = "tests")]

mod defaults;
mod effective;
mod given;
mod precedence;
mod reference;
mod refusals;
mod secrets;
mod warnings;
