//! `issuecommand config check` and `issuecommand config show`.

use std::fmt::Write as _;
use std::process::ExitCode;

use issuecommand_config::{EffectiveSetting, Value, effective};

use super::super::{Flags, fail};
use crate::error::AppError;
use crate::needs;
use crate::output::{print, tell};
use crate::role::Role;
use crate::settings::Settings;

/// Checks all settings as a start does, including those that `issuecommand` itself requires.
pub(super) async fn check(settings: &Settings) -> Result<(), AppError> {
    // Printed first, because a warning may explain why the start is refused.
    for warning in &settings.warnings {
        tell(&format!("warning: {warning}"))?;
    }
    needs::of(Role::Combined, settings).await?;
    print("the settings are good\n")
}

pub(super) fn show(flags: Flags) -> ExitCode {
    match list(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn list(flags: Flags) -> Result<(), AppError> {
    let sources = flags.sources()?;
    let all = effective(&sources)?;
    let width = all.iter().map(|shown| shown.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for shown in &all {
        writeln!(text, "{:width$}  {}", shown.name, words(shown)).expect("a String takes all text");
    }
    print(&text)?;
    // A start may still refuse values that are shown here.
    Settings::load(&sources).map(drop).map_err(AppError::from)
}

fn words(shown: &EffectiveSetting) -> String {
    let value = match &shown.value {
        Value::Text(text) => format!("{text:?}"),
        Value::Hidden => "(hidden)".to_owned(),
        Value::Unset(means) => format!("unset: {means}"),
        Value::Needed => "unset: the programs that act on it do not start".to_owned(),
        Value::NeededUnless(unless) => {
            format!("unset: the programs that act on it do not start, unless {unless}")
        }
    };
    match &shown.origin {
        Some(origin) => format!("{value}  {origin}"),
        None => value,
    }
}
