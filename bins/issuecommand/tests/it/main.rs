//! The programs as installed: real processes on real files, with an emulated GitHub.
//!
//! Tests named `prove_…` run a tenth of the rounds of `cargo xtask prove`.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

/// Makes each proof, a function of the kind of database, one test per kind.
macro_rules! on_each_store {
    ($($proof:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $proof() {
                    super::$proof(crate::harness::Store::Sqlite);
                }
            )*
        }

        mod postgres {
            $(
                #[test]
                fn $proof() {
                    if crate::harness::Store::Postgres.is_here() {
                        super::$proof(crate::harness::Store::Postgres);
                    }
                }
            )*
        }
    };
}

mod harness;

mod attack;
mod browser;
mod clients;
mod command_line;
mod contract;
mod cut_off;
mod databases;
mod deeds;
mod demo;
mod ends;
mod followups;
mod full_disk;
mod gh;
mod hooks;
mod instances;
mod lease;
mod listening;
mod malformed;
mod mcp_over_http;
mod one_owner;
mod operator;
mod orphans;
mod ports;
mod quiet_log;
mod replaced;
mod sdks;
mod secrets;
mod sessions;
mod sharing;
mod survival;
mod unstarted;
mod waiting;
mod wrong_clock;
