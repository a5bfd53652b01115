//! The command line that all programs share.

pub(crate) mod admin;
#[cfg(unix)]
mod chown;
pub(crate) mod doctor;
mod hook;
mod http_client;
mod install;
mod key;
mod wait;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use issuecommand_config::{AppliesTo, SettingsError, Sources};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::error::AppError;
use crate::logging;
use crate::role::Role;
use crate::run::run;
use crate::settings::Settings;
use crate::shutdown;
use crate::unstarted;

pub use self::admin::{AdminCommand, ConfigCommand, EventsArgs, FileArgs, SyncArgs, admin};
#[cfg(unix)]
pub use self::chown::{AdoptArgs, adopt};
pub use self::doctor::DoctorArgs;
pub use self::hook::{HookArgs, hook};
pub use self::install::{InstallArgs, UninstallArgs, install, uninstall};
pub use self::key::{KeyArgs, key};
pub use self::wait::{WaitArgs, wait};

/// The sources of settings besides the environment.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// Read settings from this file instead of ./issuecommand.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set one setting, over file and environment: --set HTTP_PORT=3200
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a setting is given as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Flags {
    /// Whether no flag was given.
    pub fn is_empty(&self) -> bool {
        self.config.is_none() && self.set.is_empty()
    }

    /// Merges these flags, given after a command's name, over those given before it.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            config: self.config.or(before.config),
            // A later setting wins.
            set: before.set.into_iter().chain(self.set).collect(),
        }
    }

    /// The settings merged from flags, environment and files.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn settings(self) -> Result<Settings, SettingsError> {
        Settings::load(&self.sources()?)
    }

    /// The sources that settings are read from.
    ///
    /// # Errors
    /// A setting in the environment that is not UTF-8.
    pub fn sources(self) -> Result<Sources, SettingsError> {
        Sources::from_process(self.config, self.set)
    }
}

/// The part of `--help` about the settings of a program.
pub fn settings_help(role: Role) -> String {
    issuecommand_config::reference::help(match role {
        Role::Combined | Role::Http => AppliesTo::Http,
        Role::Mcp => AppliesTo::All,
    })
}

/// Loads the settings and runs a program to its end.
pub fn main(role: Role, flags: Flags) -> ExitCode {
    let settings = flags.settings();
    let program = async |stop: CancellationToken| match settings {
        Ok(settings) => run(role, &settings, stop).await,
        Err(error) => Err(unstarted::explain(role, error.into(), &stop).await),
    };
    if role.serves_one() {
        block_on_with(Builder::new_current_thread(), program)
    } else {
        block_on(program)
    }
}

/// Runs a program to its end, on a runtime of its own. The first SIGTERM or SIGINT cancels its token; the second ends it at
/// once.
pub fn block_on(program: impl AsyncFnOnce(CancellationToken) -> Result<(), AppError>) -> ExitCode {
    block_on_with(Builder::new_multi_thread(), program)
}

fn block_on_with(
    mut runtime: Builder,
    program: impl AsyncFnOnce(CancellationToken) -> Result<(), AppError>,
) -> ExitCode {
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            return fail(&AppError::Io {
                what: "no runtime could be started".to_owned(),
                cause,
            });
        }
    };
    let stop = CancellationToken::new();
    let result = runtime.block_on(async {
        tokio::select! {
            result = program(stop.clone()) => result,
            () = shutdown::second_signal(stop.clone()) => Err(AppError::Interrupted),
        }
    });
    // A thread that blocks on reading a terminal cannot be stopped, so the runtime does not wait for it.
    runtime.shutdown_timeout(Duration::from_millis(500));
    logging::flush(Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(AppError::Explained) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

fn fail(error: &AppError) -> ExitCode {
    // If stderr is closed too, the error cannot be reported.
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
