//! The command line that all programs share.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use issuecommand_config::{Settings, SettingsError, Sources};

use crate::error::AppError;
use crate::run::{Role, run};

/// Where settings come from, beside the environment.
#[derive(Args, Clone, Debug)]
pub struct Flags {
    /// Read settings from this file instead of ./issuecommand.toml
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Set one setting, over file and environment: --set HTTP_PORT=3200
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, global = true)]
    set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("a setting is given as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Flags {
    /// The settings that flags, environment and files come to.
    ///
    /// # Errors
    /// The first one that is wrong.
    pub fn settings(self) -> Result<Settings, SettingsError> {
        Settings::load(&Sources::from_process(self.config, self.set)?)
    }
}

/// Loads the settings and runs a program to its end.
pub fn main(role: Role, flags: Flags) -> ExitCode {
    match flags.settings() {
        Ok(settings) => block_on(run(role, &settings)),
        Err(error) => fail(&error.into()),
    }
}

/// Runs a future to its end on a runtime of its own.
pub fn block_on(future: impl Future<Output = Result<(), AppError>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => {
            return fail(&AppError::Io {
                what: "no runtime could be started".to_owned(),
                cause,
            });
        }
    };
    let result = runtime.block_on(future);
    // A thread that reads a terminal cannot be stopped; it must not hold up the end.
    runtime.shutdown_timeout(Duration::from_millis(500));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &AppError) -> ExitCode {
    // Where even stderr is gone there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
