//! The clients of this machine.

use std::fmt::Write as _;

use issuecommand_clients::plan::{self, FileError};
use issuecommand_clients::{Client, Environment, Scope, detect, targets_of_removal};

use super::{exists, launch};
use crate::error::AppError;
use crate::output::{print, tell};

/// Lists them, each with whether it has the entry.
pub(super) fn list(env: &Environment) -> Result<(), AppError> {
    let there = detect(env, &exists);
    let program = launch::program()?;
    let mut text = String::new();
    for client in &there {
        let (state, why) = match state(*client, env, &program) {
            Ok(true) => ("installed", None),
            Ok(false) => ("not installed", None),
            Err(why) => ("not readable", Some(why)),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:15} {:14} {client}", client.name(), state);
        if let Some(why) = why {
            tell(&format!("warning: {client}: {why}"))?;
        }
    }
    if there.is_empty() {
        text.push_str(
            "No client was found. `issuecommand install CLIENT` makes the files all the same.\n",
        );
    }
    print(&text)
}

/// What to do with the list.
pub(super) fn next_step() -> Result<(), AppError> {
    let names: Vec<_> = Client::ALL.into_iter().map(Client::name).collect();
    tell(&format!(
        "`issuecommand install CLIENT` enters IssueCommand into one of them; the clients are {}.",
        names.join(", ")
    ))
}

fn state(client: Client, env: &Environment, program: &str) -> Result<bool, FileError> {
    for scope in [Scope::User, Scope::Project] {
        let files = targets_of_removal(client, scope, env, program);
        if !plan::removal(&files)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
