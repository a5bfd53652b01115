//! The operator's commands.

pub(crate) mod backup;
mod config;
mod events;
mod export_import;
mod health;
mod sync;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_store_postgres::dump as postgres;
use issuecommand_store_sqlite::dump as sqlite;

pub use self::events::EventsArgs;
use super::doctor::{self, DoctorArgs};
use super::{Flags, block_on, fail};
use crate::error::AppError;
use crate::settings::{DatabaseOptions, Settings};

/// The operator's commands, beside running the service.
#[derive(Subcommand, Clone, Debug)]
pub enum AdminCommand {
    /// Look for what is wrong, with GitHub, database, port, keys and clock, and say what to do about it
    Doctor(DoctorArgs),
    /// Copy the SQLite database while it is in use, to a file or to standard output (-), and check the copy
    Backup(FileArgs),
    /// Write the whole database to a file of JSON lines, or to standard output (-)
    Export(FileArgs),
    /// Fill an empty database, SQLite or PostgreSQL, from an exported file, or from standard input (-)
    Import(FileArgs),
    /// Follow GitHub at once, beside whatever runs on the same database
    Sync(SyncArgs),
    /// Print the event log, one event a line as JSON, and go on with what happens
    Events(EventsArgs),
    /// Ask the service that runs here how it is; for container health checks
    Health(Flags),
    /// Check the settings, or show what holds and where it stands
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// A command about one file.
#[derive(Args, Clone, Debug)]
pub struct FileArgs {
    /// The file
    file: PathBuf,
    #[command(flatten)]
    flags: Flags,
}

/// What to follow.
#[derive(Args, Clone, Debug)]
pub struct SyncArgs {
    /// This repository alone, as owner/name
    #[arg(long, value_name = "OWNER/NAME", value_parser = RepoName::parse)]
    repo: Option<RepoName>,
    /// Read every open issue again, and look at those that no list shows
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    flags: Flags,
}

/// What to do with the settings.
#[derive(Subcommand, Clone, Debug)]
pub enum ConfigCommand {
    /// Say whether the programs would start with these settings
    Check(Flags),
    /// List every setting with its value and where it stands; secrets are hidden
    Show(Flags),
}

/// Runs an operator's command. `before` are the flags given before its name.
pub fn admin(command: AdminCommand, before: Flags) -> ExitCode {
    match command {
        AdminCommand::Doctor(args) => doctor::main(args, before),
        AdminCommand::Backup(args) => with_settings(args.flags.over(before), async |settings| {
            backup::run(&settings, &args.file).await
        }),
        AdminCommand::Export(args) => with_settings(args.flags.over(before), async |settings| {
            export_import::export(&settings, &args.file).await
        }),
        AdminCommand::Import(args) => with_settings(args.flags.over(before), async |settings| {
            export_import::import(&settings, &args.file).await
        }),
        AdminCommand::Sync(args) => with_settings(args.flags.over(before), async |settings| {
            sync::run(&settings, args.repo, args.full).await
        }),
        AdminCommand::Events(mut args) => {
            let flags = std::mem::take(&mut args.flags).over(before);
            match flags.settings() {
                Ok(settings) => block_on(async |stop| events::run(&settings, args, stop).await),
                Err(error) => fail(&error.into()),
            }
        }
        AdminCommand::Health(flags) => with_settings(flags.over(before), async |settings| {
            health::run(&settings).await
        }),
        AdminCommand::Config(ConfigCommand::Check(flags)) => {
            with_settings(flags.over(before), async |settings| {
                config::check(&settings).await
            })
        }
        AdminCommand::Config(ConfigCommand::Show(flags)) => config::show(flags.over(before)),
    }
}

fn with_settings(
    flags: Flags,
    command: impl AsyncFnOnce(Settings) -> Result<(), AppError>,
) -> ExitCode {
    match flags.settings() {
        Ok(settings) => block_on(async |_| command(settings).await),
        Err(error) => fail(&error.into()),
    }
}

/// The place of the database, which must exist: in a wrong folder an unused one would otherwise be made and read.
async fn find(settings: &Settings) -> Result<String, AppError> {
    let options = settings.database()?;
    let there = match &options {
        DatabaseOptions::Sqlite(options) => sqlite::is_there(options).await?,
        DatabaseOptions::Postgres(options) => postgres::is_there(options).await?,
    };
    let place = options.place();
    if there {
        return Ok(place);
    }
    Err(AppError::Command(format!(
        "there is no database at {place}, and nothing was made: set SQLITE_PATH or DATABASE_URL as the service has it, or start the \
         service once"
    )))
}
