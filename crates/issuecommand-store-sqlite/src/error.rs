//! What SQLite's errors mean to a caller of the store.

use issuecommand_core::failure::StoreError;

/// The primary result codes that mean more than "this should not have happened".
mod code {
    pub(super) const PERM: i32 = 3;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NOMEM: i32 = 7;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
}

/// The error of a statement that is not a COMMIT: nothing of it lasts.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the end of a map_err, which gives it away"
)]
pub(crate) fn db(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match &error {
        sqlx::Error::Database(inner) => match primary(inner.code().as_deref()) {
            Some(code::BUSY | code::LOCKED) => StoreError::Busy(text),
            Some(
                code::PERM
                | code::NOMEM
                | code::READONLY
                | code::IOERR
                | code::FULL
                | code::CANTOPEN,
            ) => StoreError::Unavailable(text),
            _ => StoreError::Corrupt(text),
        },
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
        sqlx::Error::Database(inner) => primary(inner.code().as_deref()),
        _ => None,
    };
    match code {
        Some(code::BUSY | code::LOCKED | code::FULL | code::READONLY) => db(error),
        _ => StoreError::OutcomeUnknown(error.to_string()),
    }
}

/// A row that no version of IssueCommand could have written.
pub(crate) fn unreadable(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(what.to_string())
}

/// The low byte; the others say more of the same.
fn primary(code: Option<&str>) -> Option<i32> {
    code?.parse().ok().map(|code: i32| code & 0xff)
}
