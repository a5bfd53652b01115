//! The opaque cursors of next pages.

use issuecommand_core::domain::id::{IssueNumber, RepoId};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::ports::read_model::{BlockedCursor, QueueCursor, WorkingCursor};
use issuecommand_core::ports::store::HistoryCursor;
use issuecommand_core::service::{ListCursor, ListPlace};
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

/// The text of a cursor of a list of issues.
pub fn write_list(cursor: &ListCursor) -> String {
    let index = cursor.index;
    match &cursor.place {
        ListPlace::Ready(place) => {
            let QueueCursor {
                turn,
                created_at,
                key: (repo, number),
            } = place;
            format!("{index}.r.{}.{}.{}.{number}", turn.0, created_at.0, repo.0)
        }
        ListPlace::Held(place) => format!("{index}.h.{}.{}", place.claimed_at.0, place.claim),
        ListPlace::Blocked(place) => {
            let BlockedCursor {
                first,
                created_at,
                key: (repo, number),
            } = place;
            format!("{index}.b.{first}.{}.{}.{number}", created_at.0, repo.0)
        }
    }
}

/// Parses a cursor of a list of issues; `None` for a text that [`write_list`] never returned.
pub fn read_list(text: &str) -> Option<ListCursor> {
    let key = |repo: &str, number: &str| {
        let number = IssueNumber::new(number.parse().ok()?)?;
        Some((RepoId(repo.parse().ok()?), number))
    };
    let at = |text: &str| text.parse().ok().map(Timestamp);
    let parts: Vec<&str> = text.split('.').collect();
    let (index, place) = match parts[..] {
        [index, "r", turn, created_at, repo, number] => {
            let place = QueueCursor {
                turn: at(turn)?,
                created_at: at(created_at)?,
                key: key(repo, number)?,
            };
            (index, ListPlace::Ready(place))
        }
        [index, "h", claimed_at, claim] => {
            let place = WorkingCursor {
                claimed_at: at(claimed_at)?,
                claim: Uuid::parse_str(claim).ok()?.to_string(),
            };
            (index, ListPlace::Held(place))
        }
        [index, "b", first, created_at, repo, number] => {
            let place = BlockedCursor {
                first: ReasonCode::parse(first)?.as_str().to_owned(),
                created_at: at(created_at)?,
                key: key(repo, number)?,
            };
            (index, ListPlace::Blocked(place))
        }
        _ => return None,
    };
    let index: u64 = index.parse().ok()?;
    // An index that no list has would overflow when it is counted on.
    (index < u64::from(u32::MAX)).then_some(ListCursor { index, place })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_a_list_is_read_as_it_was_written() {
        let key = (RepoId(7), IssueNumber::new(12).unwrap());
        let (turn, created_at) = (Timestamp(-5), Timestamp(1_000));
        let places = [
            ListPlace::Ready(QueueCursor {
                turn,
                created_at,
                key,
            }),
            ListPlace::Held(WorkingCursor {
                claimed_at: created_at,
                claim: Uuid::nil().to_string(),
            }),
            ListPlace::Blocked(BlockedCursor {
                first: ReasonCode::BlockedBy.as_str().to_owned(),
                created_at,
                key,
            }),
        ];
        for place in places {
            let cursor = ListCursor { index: 50, place };
            assert_eq!(read_list(&write_list(&cursor)), Some(cursor));
        }
        for text in [
            "",
            "1",
            "1.r.2.3.4",
            "1.r.2.3.4.0",
            "x.r.2.3.4.5",
            "1.h.2.no",
            "1.b.none.2.3.4",
            "99999999999999.r.2.3.4.5",
            "1.q.2.3.4.5",
        ] {
            assert_eq!(read_list(text), None, "{text}");
        }
    }
}
