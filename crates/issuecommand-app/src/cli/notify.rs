//! `issuecommand notify`: where notifications are sent to, what was sent, and what is sent once more.

mod add;
mod deliveries;
mod file;
mod list;
mod remove;
mod replay;
mod test;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use issuecommand_config::Sources;
use issuecommand_core::engine::command::{Action, Command, NotifyAction};
use issuecommand_core::ports::store::Store;
use issuecommand_notify::EndpointSettings;

use self::add::AddArgs;
use self::deliveries::DeliveriesArgs;
use self::replay::ReplayArgs;
use super::{Flags, admin, block_on, fail};
use crate::clock::{DatabaseClock, SystemClock};
use crate::composition::AnyStore;
use crate::error::AppError;
use crate::output::print;
use crate::settings::Settings;

/// What is to be done about notifications.
#[derive(Args, Clone, Debug)]
pub struct NotifyArgs {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    what: NotifyCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum NotifyCommand {
    /// Add an endpoint to issuecommand.toml, with its address in .env
    Add(AddArgs),
    /// List the endpoints, with how each stands
    List(CommonArgs),
    /// Send a test message, and enable the endpoint again if it is delivered
    Test(OneArgs),
    /// Take an endpoint out of issuecommand.toml, and forget what was sent to it
    Remove(OneArgs),
    /// List the latest notifications, with what came of each
    Deliveries(DeliveriesArgs),
    /// Send a notification once more, or all that happened after an event
    Replay(ReplayArgs),
}

#[derive(Args, Clone, Debug)]
struct CommonArgs {
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args, Clone, Debug)]
struct OneArgs {
    /// The endpoint's name
    name: String,
    #[command(flatten)]
    common: CommonArgs,
}

impl NotifyCommand {
    fn common(&self) -> &CommonArgs {
        match self {
            Self::Add(args) => &args.common,
            Self::List(common) => common,
            Self::Test(args) | Self::Remove(args) => &args.common,
            Self::Deliveries(args) => &args.common,
            Self::Replay(args) => &args.common,
        }
    }
}

/// Runs the command. `before` are the flags given before its name.
pub fn notify(args: NotifyArgs, before: Flags) -> ExitCode {
    let flags = args.what.common().flags.clone();
    let sources = match flags.over(args.flags.over(before)).sources() {
        Ok(sources) => sources,
        Err(error) => return fail(&error.into()),
    };
    match Settings::load(&sources) {
        Ok(settings) => block_on(async |_| run(&settings, &sources, args.what).await),
        Err(error) => fail(&error.into()),
    }
}

async fn run(settings: &Settings, sources: &Sources, what: NotifyCommand) -> Result<(), AppError> {
    match what {
        NotifyCommand::Add(args) => add::run(settings, sources, args),
        NotifyCommand::List(common) => list::run(settings, common.json).await,
        NotifyCommand::Test(args) => test::run(settings, &args.name, args.common.json).await,
        NotifyCommand::Remove(args) => {
            remove::run(settings, sources, &args.name, args.common.json).await
        }
        NotifyCommand::Deliveries(args) => deliveries::run(settings, args).await,
        NotifyCommand::Replay(args) => replay::run(settings, args).await,
    }
}

/// The database of the settings, which must be there.
async fn open(settings: &Settings) -> Result<AnyStore, AppError> {
    admin::find(settings).await?;
    let clock = Arc::new(DatabaseClock::over(Arc::new(SystemClock)));
    AnyStore::open(settings.database()?, settings.policy.clone(), &clock).await
}

/// The same, or none where there is none yet.
async fn open_if_there(settings: &Settings) -> Result<Option<AnyStore>, AppError> {
    match open(settings).await {
        Ok(store) => Ok(Some(store)),
        Err(AppError::Command(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn act(store: &dyn Store, action: NotifyAction) -> Result<(), AppError> {
    store
        .transact(Command::system(Action::Notify(action)))
        .await?;
    Ok(())
}

/// The endpoint of this name in the settings.
fn configured<'a>(settings: &'a Settings, name: &str) -> Result<&'a EndpointSettings, AppError> {
    let all = &settings.notify.endpoints;
    let found = all.iter().find(|endpoint| endpoint.name == name);
    found.ok_or_else(|| {
        let start = format!("notify {name}:");
        let unusable = settings
            .notify
            .unusable
            .iter()
            .find(|words| words.starts_with(&start));
        match unusable {
            Some(words) => AppError::Command(words.clone()),
            None => unknown(all.iter().map(|endpoint| endpoint.name.as_str()), name),
        }
    })
}

fn unknown<'a>(names: impl Iterator<Item = &'a str>, name: &str) -> AppError {
    let names: Vec<&str> = names.collect();
    let there = if names.is_empty() {
        "there is none; issuecommand notify add makes one".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    AppError::Command(format!("no endpoint has the name {name:?}; {there}"))
}

/// Prints a result: as JSON, or as these words.
fn show(json: bool, value: &serde_json::Value, words: &str) -> Result<(), AppError> {
    if json {
        print(&format!("{value:#}\n"))
    } else {
        print(&format!("{words}\n"))
    }
}

/// A table with a head, in columns that are as wide as they must be.
fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut all = vec![head.map(str::to_owned)];
    all.extend(rows);
    let wide = |column: usize| {
        let cells = all.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(wide).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    all.iter().map(line).collect()
}
