//! Reading the event log in pages.

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::event::{Event, EventFilter, Seq};
use crate::domain::failure::StoreError;
use crate::ports::store::Store;

/// How many events are read from the store at once.
const PAGE: u32 = 500;
/// How many events are looked at for one page, so that a filter that nothing passes does not read the whole log in one call.
const LOOKED_AT: usize = 10_000;

/// A request for events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventQuery {
    /// After this event; `None`: from the oldest that is kept.
    pub after: Option<Seq>,
    /// How many at most; 1 or more.
    pub limit: usize,
    /// Which of them.
    pub filter: EventFilter,
}

/// A stretch of the event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// The last event that was looked at, or after which the page begins if there was none. The next page begins after it.
    pub last: Seq,
    /// Whether there may be more at once.
    pub more: bool,
    /// Why events after the asked place are missing, if any are.
    pub gap: Option<EventGap>,
}

/// Events are missing from a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventGap {
    /// Why.
    pub reason: GapReason,
    /// The oldest event that is kept, or the next one if none is.
    pub oldest: Seq,
}

/// Why a reader cannot have the events after a place of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The events after it were trimmed.
    Trimmed,
    /// The place is none of this log: of another database, or of this one before it was restored.
    Unknown,
}

impl Service {
    /// Events that the caller may see, in order.
    pub async fn events(&self, caller: &Caller, query: &EventQuery) -> ServiceResult<EventPage> {
        let sight = self.sight(caller);
        Ok(event_page(&*self.store, &sight, query).await?)
    }
}

/// Reads a page of the event log of a store, as far as a reader of these repositories may see it.
///
/// # Errors
/// The store's.
pub async fn event_page(
    store: &dyn Store,
    sight: &Scope,
    query: &EventQuery,
) -> Result<EventPage, StoreError> {
    let end = store.last_event().await?;
    let oldest = store.oldest_event().await?;
    let gap = |reason| Some(EventGap { reason, oldest });
    let (last, gap) = match query.after {
        None => (oldest - 1, None),
        Some(id) if id > end => (end, gap(GapReason::Unknown)),
        Some(id) if id < oldest - 1 => (oldest - 1, gap(GapReason::Trimmed)),
        Some(id) => (id, None),
    };
    let mut page = EventPage {
        events: Vec::new(),
        last,
        more: false,
        gap,
    };
    let mut looked_at = 0;
    while looked_at < LOOKED_AT {
        let events = store.events_after(page.last, PAGE).await?;
        let is_end = events.len() < PAGE as usize;
        looked_at += events.len();
        for event in events {
            // Some may have been trimmed meanwhile.
            if event.seq > page.last + 1 {
                page.gap = page.gap.or(Some(EventGap {
                    reason: GapReason::Trimmed,
                    oldest: event.seq,
                }));
            }
            let wanted = event.is_in(sight) && query.filter.has(&event);
            if wanted && page.events.len() == query.limit {
                page.more = true;
                return Ok(page);
            }
            page.last = event.seq;
            page.events.extend(wanted.then_some(event));
        }
        if is_end {
            return Ok(page);
        }
    }
    page.more = true;
    Ok(page)
}
