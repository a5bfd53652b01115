//! Settings: their definitions as data, read from five sources into typed values.
//!
//! The later source wins: built-in defaults, `issuecommand.toml` (or a file that is named), `.env` in the working folder,
//! the environment, the command line. Everything about settings comes from [`DEFINITIONS`]: parsing, defaults, the help of
//! the programs, `docs/configuration.md` and `.env.example` ([`mod@reference`]).
//!
//! The files form layers: `origin` and `error`; `setting`, `definitions` and `names`; `layer` and `sources`, which read;
//! `layers`, which lets the strongest source win; above those what is made of the values.
//!
//! This crate reads the process in one place, [`Sources::from_process`]. Secrets leave it as
//! [`secrecy::SecretString`] only, and no error or `Debug` output shows one.

mod database;
mod definitions;
mod effective;
mod error;
mod layer;
mod layers;
mod names;
mod near_misses;
mod origin;
mod parse;
mod policy;
pub mod reference;
mod setting;
mod settings;
mod sources;

pub use database::{Database, JournalMode, PostgresUrl, Synchronous};
pub use definitions::DEFINITIONS;
pub use effective::{EffectiveSetting, Value, effective};
pub use error::{BadValue, SettingsError};
pub use near_misses::{NearMiss, near_misses};
pub use origin::Origin;
pub use setting::{AppliesTo, DefaultValue, Kind, Setting};
pub use settings::{
    FollowUps, GithubBackend, Http, Log, LogFormat, Rate, RateLimits, Settings, Webhooks,
};
pub use sources::Sources;
