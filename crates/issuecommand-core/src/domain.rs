//! The records, and the rules that concern one record alone. Knows neither the engine nor the ports.

pub mod access;
pub mod access_key;
pub mod bounds;
pub mod claim;
pub mod closing_keywords;
pub mod event;
pub mod explain;
pub mod failure;
pub mod followup;
pub mod id;
pub mod issue;
pub mod lane;
pub mod lease;
pub mod outbox;
pub mod policy;
pub mod priority;
pub mod pull_request;
pub mod readiness;
pub mod refusal;
pub mod repo;
pub mod repo_name;
pub mod standing;
pub mod surrogates;
pub mod sync;
pub mod time;
pub mod webhook;
