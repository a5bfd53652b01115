//! Settings: one table of them as data, read from five sources into typed values.
//!
//! The later source wins: built-in defaults, `issuecommand.toml` (or a file that is named), `.env` in the working folder,
//! the environment, the command line. Everything that speaks of settings comes from [`TABLE`]: parsing, defaults, the
//! help of the programs, `docs/configuration.md` and `.env.example` ([`mod@reference`]).
//!
//! This crate reads the process in one place, [`Sources::from_process`]; secrets leave it as
//! [`secrecy::SecretString`] alone, and no error or `Debug` output shows one.

mod database;
mod error;
mod layers;
mod near;
mod parse;
pub mod reference;
mod setting;
mod settings;
mod shown;
mod sources;
mod table;

pub use database::{Database, JournalMode, PostgresUrl, Synchronous};
pub use error::{BadValue, SettingsError};
pub use near::{NearMiss, near_misses};
pub use setting::{AppliesTo, DefaultValue, Kind, Setting};
pub use settings::{
    FollowUps, GithubBackend, Http, Log, LogFormat, Rate, RateLimits, Settings, Webhooks,
};
pub use shown::{EffectiveSetting, Value, shown};
pub use sources::{Origin, Sources};
pub use table::TABLE;
