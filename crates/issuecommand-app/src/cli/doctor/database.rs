//! Checks the database: whether it can be opened, is intact, has this version's schema, and keeps its invariants.

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::time::{Clock, MAX_STEP_BACK, Timestamp};
use issuecommand_store::dump::{INVARIANTS, Inspection};
use issuecommand_store_postgres::dump as postgres;
use issuecommand_store_sqlite::dump::{self as sqlite, FileState};

use super::Finding;
use crate::clock::SystemClock;
use crate::error::store_words;
use crate::settings::{DatabaseOptions, Settings};

const DATABASE: &str = "database";

/// A longer WAL was not checkpointed for a long time: a reader never finishes, or the disk is too slow.
const LONG_LOG: u64 = 256 << 20;

pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    match settings.database() {
        Ok(options) => check(options).await,
        // Only the address of a server can be invalid.
        Err(error) => vec![cannot(&error, false)],
    }
}

async fn check(options: DatabaseOptions) -> Vec<Finding> {
    let is_file = matches!(options, DatabaseOptions::Sqlite(_));
    match options {
        DatabaseOptions::Sqlite(options) => {
            let path = options.path.display().to_string();
            match sqlite::check(&options).await {
                Ok(FileState::Empty) => vec![Finding::ok(
                    DATABASE,
                    format!("{path} is not there yet: it is made at the first start"),
                )],
                Ok(FileState::Legacy) => vec![Finding::warn(
                    DATABASE,
                    format!("{path} is of the earlier service"),
                    "stop that; at the first start all of it is taken over, and a copy of the file is kept",
                )],
                Ok(FileState::Current(found)) => {
                    let mut findings = looked(&path, &found, is_file);
                    findings.push(Finding::ok("file system", "it is a local one"));
                    findings.push(log(&path, found.log_bytes));
                    findings
                }
                Err(error) => vec![cannot(&error, is_file)],
            }
        }
        DatabaseOptions::Postgres(options) => match postgres::check(&options).await {
            Ok(found) if found.schema == 0 => match &found.unwritable {
                None => vec![Finding::ok(
                    DATABASE,
                    format!(
                        "{}, and the database is empty: its tables are made at the first start",
                        found.software
                    ),
                )],
                Some(error) => vec![cannot(error, is_file)],
            },
            Ok(found) => looked("the database", &found, is_file),
            Err(error) => vec![cannot(&error, is_file)],
        },
    }
}

fn cannot(error: &StoreError, is_file: bool) -> Finding {
    Finding::fail(DATABASE, store_words(error), remedy(error, is_file))
}

fn remedy(error: &StoreError, is_file: bool) -> &'static str {
    match error {
        StoreError::Busy(_) => "another process holds it: look for one that hangs",
        StoreError::Corrupt(_) if is_file => {
            "bring back a backup, or set SQLITE_PATH to another file"
        }
        StoreError::Corrupt(_) => "bring back a backup, or set DATABASE_URL to another database",
        StoreError::NewerSchema { .. } => "run the newer version of issuecommand",
        StoreError::Unwritable { why, .. } => unwritable_remedy(*why),
        _ if is_file => "look at SQLITE_PATH, and at whom its folder belongs to",
        _ => {
            "look whether that server runs and lets this machine in, and at DATABASE_URL: host, port, user, password and the name \
             of the database"
        }
    }
}

/// How to make the database writable again.
pub(super) fn unwritable_remedy(why: Unwritable) -> &'static str {
    match why {
        Unwritable::DiskFull => {
            "make room on the disk of the database; a service that runs goes on by itself then"
        }
        Unwritable::ReadOnly => {
            "let it be written to: the file, its file system, the server and its default_transaction_read_only"
        }
        Unwritable::NotPermitted => {
            "give this user, or the role in DATABASE_URL, the rights on it: the role must own the tables, and have CREATE on the \
             schema where there are none yet"
        }
        Unwritable::DiskFails => {
            "look at the disk, at quotas and at the limit on the size of files (ulimit -f)"
        }
    }
}

fn looked(name: &str, found: &Inspection, is_file: bool) -> Vec<Finding> {
    let (schema, known) = (found.schema, found.known_schema);
    let mut findings = vec![Finding::ok(
        DATABASE,
        format!("{}, {name} has {}", found.software, size(found.bytes)),
    )];
    findings.push(match schema.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::ok("schema", format!("it is the newest, {schema}")),
        std::cmp::Ordering::Less => Finding::warn(
            "schema",
            format!("it is {schema}, and this version has {known}"),
            "make a backup; the next start brings it up to date",
        ),
        std::cmp::Ordering::Greater => Finding::fail(
            "schema",
            format!("it is {schema}, and this version knows {known} at most"),
            "run the newer version of issuecommand",
        ),
    });
    findings.push(match &found.unwritable {
        None => Finding::ok("writing", "a write was tried and taken back"),
        Some(error) => Finding::fail("writing", store_words(error), remedy(error, is_file)),
    });
    findings.push(match found.faults.first() {
        None => Finding::ok("integrity", "it is whole"),
        Some(fault) => Finding::fail(
            "integrity",
            fault,
            "stop the service and bring back a backup; keep the damaged file",
        ),
    });
    findings.extend(time(found, SystemClock.now()));
    // A damaged database, or one of another version, cannot be read further.
    if found.faults.is_empty() && schema == known {
        findings.extend(INVARIANTS.iter().map(|(what, _)| invariant(what, found)));
        findings.extend(circles(found.circles));
    }
    findings
}

/// Issues that block each other wait until a person removes a dependency.
fn circles(found: u64) -> Option<Finding> {
    let plural = if found == 1 { "" } else { "s" };
    (found > 0).then(|| {
        Finding::warn(
            "dependencies",
            format!("issues block each other in {found} circle{plural}, so none of them is handed out"),
            "remove a dependency of each circle on GitHub; system_health names the issues (dependency_cycles)",
        )
    })
}

/// Compares the last timestamp in the database and its server's clock with this machine's clock.
fn time(found: &Inspection, ours: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    let set = "look whether this machine's time is right (timedatectl): the service goes on from it, and corrects what is dated later";
    if let Some(theirs) = found.server_time {
        let off = theirs.0.saturating_sub(ours.0);
        findings.push(if off.saturating_abs() > MAX_STEP_BACK.0 {
            let way = if off > 0 { "ahead of" } else { "behind" };
            let says = format!(
                "the database's clock, which counts, is {} s {way} this machine's",
                off.saturating_abs() / 1000
            );
            Finding::warn("clock", says, "let both machines keep their time by NTP")
        } else {
            Finding::ok("clock", "it agrees with the database's")
        });
    }
    let now = found.server_time.unwrap_or(ours);
    if let Some(last) = found.last_written {
        findings.push(if now.plus(MAX_STEP_BACK) < last {
            let says = format!(
                "it stands {} s behind {last}, the last moment that was written to the database: it was wrong then or is wrong now",
                (last.0.saturating_sub(now.0)) / 1000
            );
            Finding::fail("clock", says, set)
        } else {
            Finding::ok("clock", "it is not behind what was last written to the database")
        });
    }
    findings
}

fn invariant(what: &'static str, found: &Inspection) -> Finding {
    match found.broken.iter().find(|(broken, _)| *broken == what) {
        None => Finding::ok("invariant", what),
        Some((_, times)) => Finding::fail(
            "invariant",
            format!("{what}: {times} times that does not hold"),
            "stop the service, make a backup, and report it: this must never be",
        ),
    }
}

fn log(path: &str, bytes: u64) -> Finding {
    let says = format!("{path}-wal has {}", size(bytes));
    if bytes > LONG_LOG {
        let remedy = "a reader keeps it from being taken over: end backups and shells that are open on the database, or \
                      restart the service";
        Finding::warn("log", says, remedy)
    } else {
        Finding::ok("log", says)
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}
