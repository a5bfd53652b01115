//! The error for what cannot be read.

use std::fmt::Display;

use issuecommand_core::domain::failure::StoreError;

/// The error for a value that no version of IssueCommand could have written.
pub fn unreadable(what: impl Display) -> StoreError {
    StoreError::Corrupt(what.to_string())
}
