//! Settings: their definitions as data, and the value of each that wins among five sources.
//!
//! The later source wins: built-in defaults, `issuecommand.toml` (or a file that is named), `.env` in the working folder,
//! the environment, the command line. Everything about settings comes from [`DEFINITIONS`]: parsing, defaults, the help of
//! the programs, `docs/configuration.md` and `.env.example` ([`mod@reference`]). The composition reads the values from [`Layers`] into
//! the options of the parts that use them.
//!
//! The files form layers: `origin` and `error`; `setting`, `definitions` and `names`; `layer` and `sources`, which read;
//! `placeholder` beside `sources`; `layers`, in which the strongest source wins; above those `near_misses`, `effective` and `reference`.
//!
//! This crate reads the process in one place, [`Sources::from_process`]. No error and no `Debug` output shows a secret.

pub mod definitions;
mod effective;
mod error;
mod layer;
mod layers;
mod names;
mod near_misses;
mod origin;
mod placeholder;
pub mod reference;
mod setting;
mod sources;

pub use definitions::DEFINITIONS;
pub use effective::{EffectiveSetting, Value, effective};
pub use error::{BadValue, SettingsError};
pub use layers::{Layers, RawValue, TextTable};
pub use near_misses::{NearMiss, near_misses};
pub use origin::Origin;
pub use placeholder::{is_placeholder, unfilled};
pub use setting::{AppliesTo, DefaultValue, Kind, Setting};
pub use sources::{SESSION_VARIABLES, Sources};
