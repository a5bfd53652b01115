//! Settings as an operator meets them: files, variables and flags in, values or one sentence out.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod defaults;
mod effective;
mod given;
mod precedence;
mod reference;
mod refusals;
mod secrets;
mod warnings;
