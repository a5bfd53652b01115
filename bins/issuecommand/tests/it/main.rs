//! The programs as their users have them: real processes on real files, with an emulated GitHub.
//!
//! Tests named `prove_…` try a tenth of what `cargo xtask prove` makes them try.
#![allow(clippy::unwrap_used, reason = "tests")]

mod command_line;
mod demo;
mod ends;
mod followups;
mod harness;
mod lease;
mod one_owner;
mod operator;
mod ports;
mod sharing;
mod survival;
