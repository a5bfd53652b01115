//! SQLite's errors as errors of the store.

use issuecommand_core::domain::failure::{StoreError, Unwritable};
pub(crate) use issuecommand_store_sql::error::unreadable;

/// The primary result codes that are told apart.
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const AUTH: i32 = 23;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    /// Extended codes of READONLY: a reader found a log or journal after a crash and may not recover it.
    pub(super) const RECOVERING: [i32; 4] = [264, 520, 776, 1288];
    /// Extended codes of IOERR: a write, a sync, a truncation or a growth failed.
    pub(super) const WRITING_FAILED: [i32; 4] = [778, 1034, 1546, 4874];
}

/// The error of a statement other than COMMIT: nothing of it was written.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the end of a map_err, which gives it away"
)]
pub(crate) fn db(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match &error {
        sqlx::Error::Database(inner) => {
            let code = extended(inner.code().as_deref());
            if let Some(why) = code.and_then(unwritable) {
                let detail = text;
                return StoreError::Unwritable { why, detail };
            }
            match code.map(primary) {
                Some(code::BUSY | code::LOCKED) => StoreError::Busy(text),
                Some(code::NOMEM | code::IOERR | code::CANTOPEN | code::READONLY) => {
                    StoreError::Unavailable(text)
                }
                _ => StoreError::Corrupt(text),
            }
        }
        // All readers are in use.
        sqlx::Error::PoolTimedOut => StoreError::Busy(text),
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            StoreError::Unavailable(text)
        }
        _ => StoreError::Corrupt(text),
    }
}

/// The error of a COMMIT. After a lock that was not taken, a full disk or a read-only file nothing was written; after any other error the
/// log may or may not hold the transaction.
pub(crate) fn commit(error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(inner) => extended(inner.code().as_deref()).map(primary),
        _ => None,
    };
    match code {
        Some(code::BUSY | code::LOCKED | code::FULL | code::READONLY) => db(error),
        _ => StoreError::OutcomeUnknown(error.to_string()),
    }
}

fn extended(code: Option<&str>) -> Option<i32> {
    code?.parse().ok()
}

/// The low byte. The other bytes only tell details.
fn primary(code: i32) -> i32 {
    code & 0xff
}

/// Why the database refuses writes, for the codes that tell.
fn unwritable(code: i32) -> Option<Unwritable> {
    match primary(code) {
        code::FULL => Some(Unwritable::DiskFull),
        code::READONLY if !code::RECOVERING.contains(&code) => Some(Unwritable::ReadOnly),
        code::PERM | code::AUTH => Some(Unwritable::NotPermitted),
        _ => code::WRITING_FAILED
            .contains(&code)
            .then_some(Unwritable::DiskFails),
    }
}
