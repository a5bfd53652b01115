//! What SQLite's errors mean to a caller of the store.

use issuecommand_core::domain::failure::{StoreError, Unwritable};
pub(crate) use issuecommand_store_sql::error::unreadable;

/// The primary result codes that mean more than "this should not have happened".
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
    /// Extended codes of READONLY: a reader found what a crash left and may not take it back.
    pub(super) const RECOVERING: [i32; 4] = [264, 520, 776, 1288];
    /// Extended codes of IOERR: what is written, synced, cut or made longer was not taken.
    pub(super) const WRITING_FAILED: [i32; 4] = [778, 1034, 1546, 4874];
}

/// The error of a statement that is not a COMMIT: nothing of it lasts.
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
        // All readers are at work.
        sqlx::Error::PoolTimedOut => StoreError::Busy(text),
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            StoreError::Unavailable(text)
        }
        _ => StoreError::Corrupt(text),
    }
}

/// The error of a COMMIT. A lock that was not got and a full disk leave nothing behind; with any other the log may or may
/// not hold the transaction.
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

/// The low byte; the others say more of the same.
fn primary(code: i32) -> i32 {
    code & 0xff
}

/// Why nothing can be written, where a code says so.
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
