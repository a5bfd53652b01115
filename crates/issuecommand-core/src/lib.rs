//! Rules, ports and use cases, and how to use them without the rest of IssueCommand.
//!
//! The modules build on each other in this order: [`domain`], [`engine`], [`ports`], [`service`]; [`memory`] is a store.
#![doc = include_str!("../README.md")]

pub mod domain;
pub mod engine;
pub mod memory;
pub mod ports;
pub mod service;
