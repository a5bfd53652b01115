//! Rows as they stand in the tables, and the values of core that they become.
//!
//! `FromRow` is derived for every driver at once, so that none of these structs is generic.

mod claims;
mod feedback;
mod followups;
mod mirror;
mod operations;
mod pulls;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use sqlx::{FromRow, Row};

pub use self::claims::ClaimRow;
pub use self::feedback::{FeedbackEventRow, LoadedFeedbackEvent, StoredDeliveryRow};
pub use self::followups::{FollowupRow, FollowupWithOwnerRow};
pub(crate) use self::followups::{kind_of_rank, kind_rank};
pub use self::mirror::{
    AllowedRepoRow, IssueRow, OpenIssueOfTagRow, OpenIssueRow, RepoCountRow, RepoRow,
    UnreadyIssueRow,
};
pub(crate) use self::operations::EventBody;
pub use self::operations::{EventRow, HealthRow, SyncFailureRow, WithheldIssueRow};
pub use self::pulls::{LinkedPullRow, PullRow};
use crate::error::unreadable;
use crate::json::parse;

/// A row that becomes a value of core.
pub trait StoredRow: Sized {
    /// The type of core that it becomes.
    type Value;

    /// The table, for errors.
    const TABLE: &'static str;

    /// Which row of the table it is, for errors.
    fn id(&self) -> String;

    /// Reads the columns.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for what no version of IssueCommand wrote.
    fn value(self) -> Result<Self::Value, StoreError>;
}

/// The value of a row.
///
/// # Errors
/// [`StoreError::Corrupt`], which names the table and the row.
pub fn value<R: StoredRow>(row: R) -> Result<R::Value, StoreError> {
    let id = row.id();
    row.value().map_err(|error| match error {
        StoreError::Corrupt(what) => StoreError::Corrupt(format!("{} {id}: {what}", R::TABLE)),
        other => other,
    })
}

/// The values of rows, in their order.
///
/// # Errors
/// As [`value`].
pub fn values<R: StoredRow>(
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<R::Value>, StoreError> {
    rows.into_iter().map(value).collect()
}

/// Reads a driver's rows as structs or tuples.
///
/// # Errors
/// [`StoreError::Corrupt`] for a column that is not there or of another type.
pub fn decode<T, D: Row>(rows: &[D]) -> Result<Vec<T>, StoreError>
where
    T: for<'r> FromRow<'r, D>,
{
    let decode = |row| T::from_row(row).map_err(unreadable);
    rows.iter().map(decode).collect()
}

/// The loaded end of a history, and how many entries come before it. The text is a list of [place, status, moment, note].
fn history<E>(
    text: &str,
    entry: impl Fn(&str, Timestamp, Option<String>) -> Result<E, StoreError>,
) -> Result<(usize, Vec<E>), StoreError> {
    let entries: Vec<(usize, String, i64, Option<String>)> = parse(text)?;
    let earlier = entries.first().map_or(0, |(place, ..)| *place);
    let entry = |(_, status, at, note): (_, String, _, _)| entry(&status, Timestamp(at), note);
    let entries = entries.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok((earlier, entries))
}
