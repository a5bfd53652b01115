//! Whether the last write succeeded, and what is logged of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use issuecommand_core::domain::failure::{StoreError, Unwritable};
use tokio::time::Instant;
use tracing::{error, info, warn};

/// How often the number of refused batches is logged.
const REMINDER: Duration = Duration::from_mins(1);

/// Cheap to clone; all clones share one state.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteCondition(Arc<Mutex<Option<Refusing>>>);

/// Why the database refuses writes, and how many batches were refused since that was last logged.
#[derive(Debug)]
struct Refusing {
    why: Unwritable,
    batches: u64,
    told: Instant,
}

/// What is logged of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    None,
    Unwritable(Unwritable),
    StillUnwritable { why: Unwritable, batches: u64 },
    Writable,
}

impl WriteCondition {
    pub(crate) fn unwritable(&self) -> Option<Unwritable> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.as_ref().map(|refusing| refusing.why)
    }

    /// Takes note of a commit or an error. Only changes are logged, and each minute the number of refused batches; each refused
    /// caller gets the error itself.
    pub(crate) fn tried(&self, result: Result<(), &StoreError>) {
        let (now, detail) = match result {
            Ok(()) => (None, ""),
            Err(StoreError::Unwritable { why, detail }) => (Some(*why), detail.as_str()),
            // These do not tell whether the database can be written to.
            Err(
                StoreError::Busy(_)
                | StoreError::Unavailable(_)
                | StoreError::OutcomeUnknown(_)
                | StoreError::Fenced(_)
                | StoreError::Corrupt(_)
                | StoreError::NewerSchema { .. },
            ) => return,
        };
        match self.note(now, Instant::now()) {
            News::None => {}
            News::Unwritable(why) => error!(
                name: "store.unwritable", %why, detail,
                "the database cannot be written to: what only reads is answered, all else is refused until it can"
            ),
            News::StillUnwritable { why, batches } => warn!(
                name: "store.still_unwritable", %why, batches,
                "the database still cannot be written to; so many batches were refused since this was last told"
            ),
            News::Writable => {
                info!(name: "store.writable", "the database can be written to again");
            }
        }
    }

    fn note(&self, why: Option<Unwritable>, now: Instant) -> News {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(why) = why else {
            return match state.take() {
                Some(_) => News::Writable,
                None => News::None,
            };
        };
        match &mut *state {
            Some(refusing) if refusing.why == why => {
                refusing.batches += 1;
                if now < refusing.told + REMINDER {
                    return News::None;
                }
                refusing.told = now;
                let batches = std::mem::take(&mut refusing.batches);
                News::StillUnwritable { why, batches }
            }
            other => {
                *other = Some(Refusing {
                    why,
                    batches: 0,
                    told: now,
                });
                News::Unwritable(why)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_news_and_a_count_each_minute() {
        let (condition, begun) = (WriteCondition::default(), Instant::now());
        let full = Some(Unwritable::DiskFull);
        assert_eq!(condition.note(None, begun), News::None);
        let first = condition.note(full, begun);
        assert_eq!(first, News::Unwritable(Unwritable::DiskFull));
        for _ in 0..500 {
            assert_eq!(condition.note(full, begun + REMINDER / 2), News::None);
        }
        let reminded = condition.note(full, begun + REMINDER);
        let why = Unwritable::DiskFull;
        assert_eq!(reminded, News::StillUnwritable { why, batches: 501 });
        assert_eq!(condition.note(full, begun + REMINDER), News::None);
        let other = condition.note(Some(Unwritable::ReadOnly), begun + REMINDER);
        assert_eq!(other, News::Unwritable(Unwritable::ReadOnly));
        assert_eq!(condition.unwritable(), Some(Unwritable::ReadOnly));
        assert_eq!(condition.note(None, begun + REMINDER), News::Writable);
        assert_eq!(condition.unwritable(), None);
    }
}
