//! Shows the changes of files, and makes them.

use std::path::{Path, PathBuf};

use issuecommand_clients::plan::{Change, FileError};
use issuecommand_clients::write::{Storing, copies_of, write};
use issuecommand_clients::{Environment, Scope};
use issuecommand_core::domain::time::Clock as _;

use super::words;
use crate::clock::SystemClock;
use crate::error::AppError;
use crate::output::{print, tell};

/// Shows the changes, and makes all or none unless they shall only be shown.
pub(super) fn carry_out(
    changes: &[Change],
    scope: Scope,
    env: &Environment,
    dry_run: bool,
) -> Result<(), AppError> {
    for change in changes {
        print(&change.diff())?;
    }
    if dry_run {
        return Ok(());
    }
    let time = SystemClock.now().to_string();
    // 2026-11-30T08:15:00.000Z as 20261130T081500
    let time: String = time
        .chars()
        .filter(|c| !"-:".contains(*c))
        .take(15)
        .collect();
    // A copy in a repository would be committed with the next change.
    let folder = (scope == Scope::Project).then(|| PathBuf::from(env.copies()));
    let roots = [PathBuf::from(&env.home), PathBuf::from(&env.project)];
    let storing = Storing {
        time: &time,
        copies: folder.as_deref(),
        roots: &roots,
    };
    let copies = write(changes, &storing).map_err(|error| match error {
        FileError::Half { .. } => words(&error),
        error => AppError::Command(format!("{error}. Nothing was changed")),
    })?;
    for copy in &copies {
        tell(&format!("A copy of the file as it was: {}", copy.display()))?;
    }
    for change in changes {
        let kept = copies.iter().cloned().chain(copies_of(&change.path));
        tell_of_keys(change, kept.collect())?;
    }
    Ok(())
}

/// Copies that hold a key which no longer stands in the file, or now stands in both.
fn tell_of_keys(change: &Change, mut copies: Vec<PathBuf>) -> Result<(), AppError> {
    copies.sort();
    copies.dedup();
    let keys = keys(change.before.as_deref().unwrap_or_default());
    let holds = |copy: &Path| {
        std::fs::read_to_string(copy).is_ok_and(|text| keys.iter().any(|key| text.contains(key)))
    };
    let named: Vec<_> = copies
        .iter()
        .filter(|copy| holds(copy))
        .map(|copy| copy.display().to_string())
        .collect();
    if keys.is_empty()
        || named.is_empty()
        || change
            .after
            .as_deref()
            .is_some_and(|after| keys.iter().all(|key| after.contains(key)))
    {
        return Ok(());
    }
    tell(&format!(
        "warning: the key of IssueCommand still stands in {}: delete that when you do not need it.",
        named.join(" and in ")
    ))
}

/// Keys that stand themselves in an entry: clients that know no placeholder have them.
fn keys(text: &str) -> Vec<&str> {
    let after = text.split("\"Bearer ").skip(1);
    let keys = after.filter_map(|rest| rest.split('"').next());
    keys.filter(|key| !key.starts_with(['$', '{'])).collect()
}
