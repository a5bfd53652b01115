//! Rules, ports and use cases, and how to use them without the rest of IssueCommand.
#![doc = include_str!("../README.md")]

pub mod change;
pub mod claim;
pub mod command;
pub mod decide;
pub mod event;
pub mod failure;
pub mod followup;
pub mod github;
pub mod id;
pub mod issue;
pub mod keywords;
pub mod lease;
pub mod memory;
pub mod needs;
pub mod outbox;
pub mod policy;
pub mod priority;
pub mod pull;
pub mod refusal;
pub mod repo;
pub mod service;
pub mod store;
pub mod time;
pub mod view;
pub mod webhook;
