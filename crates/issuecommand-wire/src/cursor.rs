//! The opaque cursor of the history's next page.

use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::HistoryCursor;
use uuid::Uuid;

/// The text of a cursor.
pub fn write(cursor: &HistoryCursor) -> String {
    format!("{}.{}", cursor.ended.0, cursor.claim)
}

/// Parses a cursor; `None` for a text that [`write()`] never returned.
pub fn read(text: &str) -> Option<HistoryCursor> {
    let (ended, claim) = text.split_once('.')?;
    let claim = Uuid::parse_str(claim).ok()?.to_string();
    Some(HistoryCursor {
        ended: Timestamp(ended.parse().ok()?),
        claim,
    })
}
