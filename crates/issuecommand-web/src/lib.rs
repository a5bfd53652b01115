//! The dashboard: pages for people, rendered here and kept live by one stream of events a tab.
//!
//! It stands on the executor and on the values of `issuecommand-wire`: it has no rule of its own, and asks by the calls that agents
//! and programs use too. A screen is a view of these values, a template, and a line in the table of screens. People sign in by a key
//! or a one-time code; see `sign_in`. Text of strangers is escaped by one escaper for all templates; see `escape`.

mod acts;
mod assets;
mod escape;
mod export;
mod form;
mod guard;
mod live;
mod options;
mod page;
mod pages;
mod person;
mod router;
mod screens;
mod sign_in;
mod state;
mod view;

pub use self::options::{DashboardOptions, Finding, Operator, ShownSetting};
pub use self::router::dashboard;
