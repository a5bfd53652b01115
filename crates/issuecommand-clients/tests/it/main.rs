//! Tests over the public face of the crate.
#![allow(clippy::disallowed_methods, reason = "tests read what CI tells them")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod document;
mod files;
mod golden;
mod hooks;
mod odd;
mod properties;
mod shared;
mod support;
