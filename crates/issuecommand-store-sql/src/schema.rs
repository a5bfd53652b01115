//! The version of the tables: the number of the newest migration.

use std::cmp::Ordering;

use issuecommand_core::domain::failure::StoreError;
use sqlx::migrate::Migrator;

/// The version after all of these migrations.
pub fn newest(migrations: &Migrator) -> i64 {
    let versions = migrations.iter().map(|migration| migration.version);
    versions.max().unwrap_or(0)
}

/// Refuses rows of another version than the known one.
///
/// # Errors
/// [`StoreError::NewerSchema`]; [`StoreError::Unavailable`] for an older one, which says what to do.
pub fn must_be_current(found: i64, known: i64) -> Result<(), StoreError> {
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
        Ordering::Less => Err(StoreError::Unavailable(format!(
            "it has schema {found}, and this version has {known}: start this version once on that database, which brings it up to date"
        ))),
    }
}
