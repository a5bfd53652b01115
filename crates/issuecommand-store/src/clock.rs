//! Correcting the database after a step of the clock: which columns hold times of our own clock, the statements that correct them, and
//! the log line.

use std::fmt::Write as _;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::{ClockSteps, Correction, Noticed};
use tracing::{error, warn};

/// Columns with the time at which something happened, by our own clock.
const PAST: [(&str, &[&str]); 25] = [
    ("meta", &["last_sync"]),
    ("repo", &["known_at", "synced_at", "polled_at", "full_at"]),
    ("issue", &["checked_at", "doubt_at"]),
    ("claim", &["claimed_at", "last_updated", "signed_at"]),
    ("claim_status", &["timestamp"]),
    (
        "followup",
        &[
            "created_at",
            "last_updated",
            "signed_at",
            "claimed_at",
            "done_at",
            "window_from",
        ],
    ),
    ("followup_status", &["timestamp"]),
    ("delivery", &["received_at", "processed_at"]),
    ("access_key", &["created_at", "revoked_at"]),
    ("web_session", &["made_at", "used_at"]),
    ("sign_in_code", &["made_at"]),
    ("event", &["at"]),
    ("idempotency", &["at"]),
    ("sync_failure", &["since"]),
    ("outbox", &["failed_at"]),
    ("attempt", &["from_at", "to_at"]),
    ("quick_release", &["at"]),
    ("halt", &["at"]),
    ("agent", &["first_seen", "last_seen"]),
    ("session", &["first_seen", "last_seen", "ended_at"]),
    ("notice", &["at"]),
    ("writer", &["at"]),
    ("repo_policy", &["since"]),
    ("held_feedback", &["at"]),
    ("readiness", &["offered_at"]),
];

/// Columns with the time at which something is due or runs out. The expiry of an API key was set by a person and is not corrected.
const DUE: [(&str, &[&str]); 3] = [
    ("outbox", &["due"]),
    ("lease", &["until"]),
    ("readiness", &["due_at"]),
];

/// The statements of a correction. Both databases understand them.
pub fn corrections(correction: Correction) -> String {
    // Turns follow from corrected times: the next start judges all issues anew.
    let mut sql = String::from("-- correct_times\nUPDATE meta SET priority_source = NULL;\n");
    let mut each = |tables: &[(&str, &[&str])], set: &dyn Fn(&str) -> String| {
        for (table, columns) in tables {
            for column in *columns {
                // Writing to a string cannot fail.
                let _ = writeln!(sql, "UPDATE {table} SET {};", set(column));
            }
        }
    };
    match correction {
        Correction::Back(step) => {
            let (to, back) = (step.to.0, -step.length().0);
            each(&PAST, &|column| {
                format!("{column} = {to} WHERE {column} > {to}")
            });
            each(&DUE, &|column| {
                format!("{column} = {column} - {back} WHERE {column} > {to}")
            });
        }
        Correction::Return { since, jump } => {
            let (since, by) = (since.0, jump.length().0);
            let moved = |column: &str, until: i64| {
                format!("{column} = {column} + {by} WHERE {column} BETWEEN {since} AND {until}")
            };
            each(&PAST, &|column| moved(column, jump.from.0));
            each(&DUE, &|column| moved(column, jump.to.0));
        }
    }
    sql
}

/// The text of `meta.clock`.
///
/// # Errors
/// [`StoreError::Corrupt`], which cannot happen.
pub fn steps_as_text(steps: ClockSteps) -> Result<String, StoreError> {
    serde_json::to_string(&steps).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Reads the text of `meta.clock`.
///
/// # Errors
/// [`StoreError::Corrupt`] for a text that no version wrote.
pub fn steps_of_text(text: Option<&str>) -> Result<ClockSteps, StoreError> {
    let Some(text) = text else {
        return Ok(ClockSteps::default());
    };
    serde_json::from_str(text)
        .map_err(|error| StoreError::Corrupt(format!("meta.clock {text}: {error}")))
}

/// Logs a step of the clock that was recorded in the database.
pub fn log_step(noticed: &Noticed) {
    let (from, to) = (noticed.step.from, noticed.step.to);
    let seconds = noticed.step.length().0 / 1000;
    match noticed.correction {
        Some(Correction::Back(_)) => error!(
            name: "clock.went_back", %from, %to, seconds,
            "the clock stands behind the last moment that was written to the database: it was wrong then or is wrong now. Time goes \
             on from the clock, and what was dated later was corrected. Look whether this machine's time is right"
        ),
        Some(Correction::Return { .. }) => error!(
            name: "clock.returned", %from, %to, seconds,
            "the clock went forward again to where it had gone back from: what was dated meanwhile was corrected"
        ),
        None => warn!(
            name: "clock.jumped", %from, %to, seconds,
            "the clock jumped forward, or nothing ran meanwhile: that is no evidence of silence, which counts from now on"
        ),
    }
}
