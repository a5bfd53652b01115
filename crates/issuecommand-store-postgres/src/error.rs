//! PostgreSQL's errors as errors of the store.

use std::io::ErrorKind;

use issuecommand_core::domain::failure::{StoreError, Unwritable};
pub(crate) use issuecommand_store_sql::error::unreadable;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// The error of a statement other than COMMIT: nothing of it was written.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the end of a map_err, which gives it away"
)]
pub(crate) fn db(error: sqlx::Error) -> StoreError {
    let text = error.to_string();
    match &error {
        sqlx::Error::Database(inner) => match inner.code().as_deref() {
            Some(code) => by_code(code, text),
            None => StoreError::Corrupt(text),
        },
        // All connections of the pool are in use.
        sqlx::Error::PoolTimedOut => StoreError::Busy(text),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Configuration(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => StoreError::Unavailable(text),
        _ => StoreError::Corrupt(text),
    }
}

/// The error of an attempt to connect to this server and database.
pub(crate) fn unconnected(place: &str, error: sqlx::Error) -> StoreError {
    let told = match &error {
        sqlx::Error::Io(cause) => {
            let cause = match cause.kind() {
                ErrorKind::ConnectionRefused => "no server listens there".to_owned(),
                ErrorKind::NotFound => "there is no such socket".to_owned(),
                _ => cause.to_string(),
            };
            format!("DATABASE_URL leads to {place}, which cannot be reached: {cause}")
        }
        sqlx::Error::Tls(cause) => {
            format!("DATABASE_URL leads to {place}, and no TLS connection could be made: {cause}")
        }
        sqlx::Error::Database(inner) => {
            format!(
                "DATABASE_URL leads to {place}, which refuses the connection: {}",
                inner.message()
            )
        }
        _ => return db(error),
    };
    match db(error) {
        StoreError::Busy(_) => StoreError::Busy(told),
        StoreError::Unwritable { why, .. } => StoreError::Unwritable { why, detail: told },
        StoreError::Unavailable(_)
        | StoreError::Corrupt(_)
        | StoreError::OutcomeUnknown(_)
        | StoreError::Fenced(_)
        | StoreError::NewerSchema { .. } => StoreError::Unavailable(told),
    }
}

/// See the appendix "PostgreSQL Error Codes".
fn by_code(code: &str, text: String) -> StoreError {
    if let Some(why) = unwritable(code) {
        return StoreError::Unwritable { why, detail: text };
    }
    match code {
        // Lock time-out, statement time-out, too many connections, server starting: may be retried.
        "55P03" | "40001" | "40P01" | "57014" | "53300" | "57P03" => StoreError::Busy(text),
        // Idle time-out, a prepared statement lost by PgBouncer, no such database.
        "25P03" | "26000" | "3D000" => StoreError::Unavailable(text),
        // Damaged data or index.
        "XX001" | "XX002" => StoreError::Corrupt(text),
        _ => match code.get(..2) {
            // Classes: connection, authorization, resources, operator intervention, system error, internal error.
            Some("08" | "28" | "53" | "57" | "58" | "XX") => StoreError::Unavailable(text),
            _ => StoreError::Corrupt(text),
        },
    }
}

/// Why the database refuses writes, for the codes that tell.
fn unwritable(code: &str) -> Option<Unwritable> {
    match code {
        "53100" => Some(Unwritable::DiskFull),
        "25006" => Some(Unwritable::ReadOnly),
        "42501" => Some(Unwritable::NotPermitted),
        "58030" => Some(Unwritable::DiskFails),
        _ => None,
    }
}

/// The error of a COMMIT. An error of severity ERROR means that nothing was written, and so does the idle time-out, which ended the session
/// before. After a lost connection the outcome is unknown.
pub(crate) fn commit(error: sqlx::Error) -> StoreError {
    let said = match &error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<PgDatabaseError>(),
        _ => None,
    };
    let nothing_lasts =
        said.is_some_and(|said| said.severity() == PgSeverity::Error || said.code() == "25P03");
    if !nothing_lasts {
        return StoreError::OutcomeUnknown(error.to_string());
    }
    match db(error) {
        // The transaction has ended and cannot be committed again.
        StoreError::Busy(text) => StoreError::Unavailable(text),
        other => other,
    }
}

/// The server did not answer in time.
pub(crate) fn silent() -> StoreError {
    StoreError::Unavailable("the database did not answer in time".to_owned())
}
