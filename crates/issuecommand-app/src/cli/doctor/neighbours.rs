//! Checks the running processes of this user: whether each still has the database at its path open, and whether others use
//! another database.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::service::DatabaseInfo;
use issuecommand_store_sqlite::file_id;

use super::Finding;
use crate::neighbours::warnings;
use crate::registry::{Entry, Registry};
use crate::settings::Settings;

const PROCESSES: &str = "processes";

/// `place` is the database of the settings.
pub(super) fn look(settings: &Settings, place: &str) -> Vec<Finding> {
    let running = match Registry::of_user() {
        Ok(registry) => registry.others(),
        Err(error) => {
            return vec![Finding::warn(
                PROCESSES,
                format!("running processes cannot be seen: {error}"),
                "let XDG_RUNTIME_DIR, or the temporary folder, be one that this user can write to",
            )];
        }
    };
    let allowed: Option<BTreeSet<String>> = match &settings.allowed {
        Scope::All => None,
        Scope::Only(repos) => Some(repos.iter().map(ToString::to_string).collect()),
    };
    judge(place, allowed, &running)
}

fn judge(place: &str, allowed: Option<BTreeSet<String>>, running: &[Entry]) -> Vec<Finding> {
    let (ours, others): (Vec<Entry>, Vec<Entry>) = running
        .iter()
        .cloned()
        .partition(|entry| entry.database.place == place);
    let mut findings: Vec<Finding> = ours.iter().filter_map(lost).collect();
    if findings.is_empty() {
        let says = match ours.len() {
            0 => "none of this user has this database open".to_owned(),
            1 => "1 of this user has this database open".to_owned(),
            count => format!("{count} of this user have this database open"),
        };
        findings.push(Finding::ok(PROCESSES, says));
    }
    let known = ours.iter().find_map(|entry| entry.repositories.clone());
    let own = Entry {
        pid: std::process::id(),
        database: DatabaseInfo {
            id: String::new(),
            place: place.to_owned(),
        },
        files: Vec::new(),
        repositories: known.or(allowed),
        port: None,
        started: String::new(),
    };
    let remedy = "end the process that has the wrong database, and start it with the same SQLITE_PATH, as an absolute path";
    let warned = warnings(&own, &others).into_iter();
    findings.extend(warned.map(|text| Finding::warn(PROCESSES, text, remedy)));
    findings
}

/// A process whose database is no longer at its path.
fn lost(entry: &Entry) -> Option<Finding> {
    let (path, _) = entry
        .files
        .iter()
        .find(|(path, id)| file_id(path).as_ref() != Some(id))?;
    Some(Finding::fail(
        PROCESSES,
        format!(
            "process {} has {} open as it was before it was replaced or removed",
            entry.pid,
            path.display()
        ),
        "end that process if it does not end by itself, and start it anew; what it wrote since is not in this database",
    ))
}
