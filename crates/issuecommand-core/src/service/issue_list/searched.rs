//! Pages of what a search finds: it is sorted and counted here, because a search finds no more than a bounded number of issues.

use super::{IssueListQuery, ListPart, ListPlace, Places};
use crate::domain::access::Scope;
use crate::domain::failure::StoreError;
use crate::domain::id::IssueKey;
use crate::domain::readiness::ReasonCode;
use crate::ports::read_model::{BlockedCursor, FoundIssue, QueueCursor, SearchQuery};
use crate::service::Service;

impl Service {
    /// The places of a page, how many there are, and whether there are more than were searched.
    pub(super) async fn searched(
        &self,
        scope: &Scope,
        query: &IssueListQuery,
    ) -> Result<(Places, u64, bool), StoreError> {
        let search = SearchQuery {
            search: query.search.clone(),
            labels: query.labels.clone(),
            scope: scope.clone(),
            most: SearchQuery::MOST + 1,
        };
        let mut found = self.store.search(&search).await?;
        let at_least = found.len() > SearchQuery::MOST as usize;
        found.truncate(SearchQuery::MOST as usize);
        let parts: Vec<ListPart> = query.parts().collect();
        let placed = found.into_iter().filter_map(|found| place(found, query));
        let placed = placed.filter(|(_, place)| parts.contains(&place.part()));
        let mut placed: Vec<(IssueKey, ListPlace)> = placed.collect();
        placed.sort_by(|a, b| a.1.cmp(&b.1));
        let total = placed.len() as u64;
        if let Some(after) = &query.after {
            placed.retain(|(_, place)| *place > after.place);
        }
        let more = placed.len() > query.limit as usize;
        placed.truncate(query.limit as usize);
        let places = Places {
            found: placed,
            more,
        };
        Ok((places, total, at_least))
    }
}

/// Where an issue stands in the list, if it is in it.
fn place(found: FoundIssue, query: &IssueListQuery) -> Option<(IssueKey, ListPlace)> {
    let FoundIssue {
        key,
        lane,
        turn,
        created_at,
        first,
        offered,
        held,
    } = found;
    let agent = query.agent.as_ref();
    if let Some((cursor, holder)) = held {
        let wanted = agent.is_none_or(|agent| *agent == holder);
        return wanted.then_some((key, ListPlace::Held(cursor)));
    }
    if !offered || !agent.is_none_or(|agent| lane.admits(agent)) {
        return None;
    }
    let place = match first {
        None => ListPlace::Ready(QueueCursor {
            turn,
            created_at,
            key,
        }),
        Some(first) if query.reason.is_none_or(|reason| reason == first) => {
            ListPlace::Blocked(BlockedCursor {
                first: ReasonCode::as_str(first).to_owned(),
                created_at,
                key,
            })
        }
        Some(_) => return None,
    };
    Some((key, place))
}
