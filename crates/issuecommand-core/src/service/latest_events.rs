//! The event log, newest first.

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::event::{Event, EventFilter, Seq};
use crate::domain::failure::StoreError;
use crate::domain::id::AgentId;
use crate::ports::read_model::EventPlace;

/// How many events are read from the store at once.
const PAGE: u32 = 500;
/// How many events are looked at for one page, so that a filter that nothing passes does not read the whole log in one call.
const LOOKED_AT: usize = 10_000;

/// A request for the latest events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestEventsQuery {
    /// Before this event; `None`: from the newest on.
    pub before: Option<Seq>,
    /// How many at most; 1 or more.
    pub limit: usize,
    /// Which of them.
    pub filter: EventFilter,
}

/// A stretch of the event log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatestEvents {
    /// The events.
    pub events: Vec<Event>,
    /// The next stretch is before this one; `None` if there is nothing before.
    pub next: Option<Seq>,
}

impl Service {
    /// The latest events that the caller may see, newest first.
    pub async fn latest_events(
        &self,
        caller: &Caller,
        query: &LatestEventsQuery,
    ) -> ServiceResult<LatestEvents> {
        let place = Self::place_of(query.filter.agent.as_ref());
        let sight = self.sight(caller);
        Ok(self.events_of(&place, &sight, query).await?)
    }

    /// Where the events of an agent are found, or all.
    pub(super) fn place_of(agent: Option<&AgentId>) -> EventPlace {
        agent.map_or(EventPlace::All, |agent| EventPlace::Agent(agent.clone()))
    }

    /// The latest events of a place, as far as a reader of these repositories may see them.
    pub(super) async fn events_of(
        &self,
        place: &EventPlace,
        sight: &Scope,
        query: &LatestEventsQuery,
    ) -> Result<LatestEvents, StoreError> {
        let mut page = LatestEvents::default();
        let mut before = query.before.unwrap_or(Seq::MAX);
        let mut looked_at = 0;
        while looked_at < LOOKED_AT {
            let events = self.store.events_before(place, before, PAGE).await?;
            let is_end = events.len() < PAGE as usize;
            looked_at += events.len();
            for event in events {
                let wanted = event.is_in(sight) && query.filter.has(&event);
                if wanted && page.events.len() == query.limit {
                    page.next = Some(before);
                    return Ok(page);
                }
                before = event.seq;
                page.events.extend(wanted.then_some(event));
            }
            if is_end {
                return Ok(page);
            }
        }
        page.next = Some(before);
        Ok(page)
    }
}
