//! Settings as an operator meets them: files, variables and flags in, values or one sentence out.

mod defaults;
mod effective;
mod example;
mod given;
mod notify;
mod precedence;
mod refusals;
mod secrets;
mod warnings;
