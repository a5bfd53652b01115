//! The opaque text by which a reader asks for the next page of the history.

use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::store::HistoryCursor;
use uuid::Uuid;

/// The text of a cursor.
pub fn write(cursor: &HistoryCursor) -> String {
    format!("{}.{}", cursor.ended.0, cursor.claim)
}

/// The cursor of a text; `None` for a text that [`write()`] never made.
pub fn read(text: &str) -> Option<HistoryCursor> {
    let (ended, claim) = text.split_once('.')?;
    let claim = Uuid::parse_str(claim).ok()?.to_string();
    Some(HistoryCursor {
        ended: Timestamp(ended.parse().ok()?),
        claim,
    })
}
