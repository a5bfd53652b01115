//! Lists of open issues: those that are ready in the order in which they will be served, those that agents have, and those that are
//! blocked with their reasons.

mod lines;
mod searched;

use std::collections::BTreeMap;

pub use self::lines::{LineState, ListedIssue};
use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::explain::ExplainQuery;
use crate::domain::failure::{Failure, StoreError};
use crate::domain::id::{AgentId, IssueKey};
use crate::domain::issue::IssueFilter;
use crate::domain::readiness::ReasonCode;
use crate::domain::repo_name::RepoName;
use crate::ports::read_model::{
    BlockedCursor, IssuePageQuery, QueueCursor, Search, WorkingCursor, WorkingQuery,
};

/// Which part of the list of all open issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListPart {
    /// Those that are ready, in serving order.
    Ready,
    /// Those that an agent has, the one taken first in front.
    Held,
    /// Those that are not ready, by their first reason, the oldest first.
    Blocked,
}

impl ListPart {
    /// All parts, in the order of a list of all.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Held, Self::Blocked];

    /// The part as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Held => "held",
            Self::Blocked => "blocked",
        }
    }
}

/// The place of the last line of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListPlace {
    /// Among those that are ready.
    Ready(QueueCursor),
    /// Among those that agents have.
    Held(WorkingCursor),
    /// Among those that are blocked.
    Blocked(BlockedCursor),
}

impl ListPlace {
    fn part(&self) -> ListPart {
        match self {
            Self::Ready(_) => ListPart::Ready,
            Self::Held(_) => ListPart::Held,
            Self::Blocked(_) => ListPart::Blocked,
        }
    }
}

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCursor {
    /// How many lines there were before.
    pub index: u64,
    /// The last of them.
    pub place: ListPlace,
}

/// A request for a page of open issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueListQuery {
    /// One part, or all.
    pub part: Option<ListPart>,
    /// Of this repository.
    pub repo: Option<RepoName>,
    /// Those that are for this agent, or that it has.
    pub agent: Option<AgentId>,
    /// With these labels, in lower case, each once.
    pub labels: Vec<String>,
    /// That this finds; [`Search::Labels`] for no search.
    pub search: Search,
    /// Blocked ones of which this is the first reason.
    pub reason: Option<ReasonCode>,
    /// How many at most; 1 or more.
    pub limit: u32,
    /// Behind this one.
    pub after: Option<ListCursor>,
}

/// How many open issues there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueCounts {
    /// Those that are ready.
    pub ready: u64,
    /// Those that an agent has.
    pub held: u64,
    /// The others of repositories on offer, by their first reason.
    pub blocked: BTreeMap<ReasonCode, u64>,
    /// Those of repositories that are not on offer. No list has them.
    pub not_offered: u64,
}

/// A page of open issues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueList {
    /// The lines.
    pub lines: Vec<ListedIssue>,
    /// How many the whole list has.
    pub total: u64,
    /// There are more than were searched, so that the total is a lower bound.
    pub at_least: bool,
    /// How many there are without the part, the reason, the labels and the search.
    pub counts: IssueCounts,
    /// Where the next page begins; `None` after the last.
    pub next: Option<ListCursor>,
}

/// The places of a page in order, and whether there are more.
struct Places {
    found: Vec<(IssueKey, ListPlace)>,
    more: bool,
}

impl IssueCounts {
    /// How many a list has.
    fn total(&self, query: &IssueListQuery) -> u64 {
        let blocked = match query.reason {
            Some(reason) => self.blocked.get(&reason).copied().unwrap_or_default(),
            None => self.blocked.values().sum(),
        };
        let of = |part| match part {
            ListPart::Ready => self.ready,
            ListPart::Held => self.held,
            ListPart::Blocked => blocked,
        };
        query.parts().map(of).sum()
    }
}

impl IssueListQuery {
    /// The parts that are listed. A reason leaves the blocked ones alone.
    fn parts(&self) -> impl Iterator<Item = ListPart> {
        ListPart::ALL.into_iter().filter(|part| {
            self.part.is_none_or(|only| only == *part)
                && (self.reason.is_none() || *part == ListPart::Blocked)
        })
    }
}

impl Service {
    /// A page of the open issues that the caller may see.
    pub async fn issue_list(
        &self,
        caller: &Caller,
        query: &IssueListQuery,
    ) -> ServiceResult<IssueList> {
        let caller = self.scoped(caller);
        let scope = self.within(&caller, query.repo.as_ref()).await?;
        let counts = self.issue_counts(&scope, query.agent.as_ref()).await?;
        let searches = query.search != Search::Labels || !query.labels.is_empty();
        let (places, total, at_least) = if searches {
            self.searched(&scope, query).await?
        } else {
            let places = self.places(&scope, query).await?;
            (places, counts.total(query), false)
        };
        let before = query.after.as_ref().map_or(0, |after| after.index);
        let keys: Vec<IssueKey> = places.found.iter().map(|(key, _)| *key).collect();
        let mut lines = self.listed(&keys).await?;
        for line in &mut lines {
            let place = keys.iter().position(|key| *key == line.key());
            let place = place.filter(|_| line.state == LineState::Ready);
            line.position = place.map(|place| before + place as u64 + 1);
        }
        let last = places.found.last().filter(|_| places.more);
        let next = last.map(|(_, place)| ListCursor {
            index: before + places.found.len() as u64,
            place: place.clone(),
        });
        Ok(IssueList {
            lines,
            total,
            at_least,
            counts,
            next,
        })
    }

    /// The scope of a caller, or of it this repository alone.
    pub(super) async fn within(
        &self,
        caller: &Caller,
        repo: Option<&RepoName>,
    ) -> Result<Scope, Failure> {
        let Some(repo) = repo else {
            return Ok(caller.scope.clone());
        };
        Self::permit(caller, repo)?;
        self.learn_for(caller, repo).await?;
        let known = self.store.repo(repo).await?;
        let name = known.map_or_else(|| repo.clone(), |known| known.facts.name);
        Self::permit(caller, &name)?;
        Ok(Scope::Only([name].into()))
    }

    pub(super) async fn issue_counts(
        &self,
        scope: &Scope,
        agent: Option<&AgentId>,
    ) -> Result<IssueCounts, StoreError> {
        let query = ExplainQuery::new(IssueFilter::default(), scope.clone(), agent.cloned());
        let explained = self.store.explain(&query).await?;
        let working = self.store.working_counts(agent, scope).await?;
        let mut blocked = explained.reasons();
        blocked.remove(&ReasonCode::Held);
        let not_offered = blocked.remove(&ReasonCode::RepoNotOffered);
        Ok(IssueCounts {
            ready: explained.ready(),
            held: working.claims.values().sum(),
            blocked,
            not_offered: not_offered.unwrap_or_default(),
        })
    }

    /// The first places of the queue.
    pub(super) async fn first_in_queue(
        &self,
        scope: &Scope,
        agent: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<ListedIssue>, StoreError> {
        let page = IssuePageQuery {
            scope: scope.clone(),
            agent: agent.cloned(),
            after: None,
            limit,
        };
        let places = self.store.ready_page(&page).await?;
        let keys: Vec<IssueKey> = places.iter().map(|place| place.key).collect();
        let mut lines = self.listed(&keys).await?;
        for (line, position) in lines.iter_mut().zip(1..) {
            line.position = Some(position);
        }
        Ok(lines)
    }

    /// The places of a page, part after part.
    async fn places(&self, scope: &Scope, query: &IssueListQuery) -> Result<Places, StoreError> {
        let wanted = query.limit as usize;
        let after = query.after.as_ref().map(|after| &after.place);
        let from = after.map(ListPlace::part);
        let mut found = Vec::new();
        let parts = query.parts();
        for part in parts.filter(|part| from.is_none_or(|from| *part >= from)) {
            let missing = u32::try_from(wanted + 1 - found.len()).unwrap_or(u32::MAX);
            found.extend(self.places_of(part, scope, query, after, missing).await?);
            if found.len() > wanted {
                found.truncate(wanted);
                return Ok(Places { found, more: true });
            }
        }
        Ok(Places { found, more: false })
    }

    async fn places_of(
        &self,
        part: ListPart,
        scope: &Scope,
        query: &IssueListQuery,
        after: Option<&ListPlace>,
        limit: u32,
    ) -> Result<Vec<(IssueKey, ListPlace)>, StoreError> {
        let (scope, agent) = (scope.clone(), query.agent.clone());
        match part {
            ListPart::Ready => {
                let after = after.and_then(|after| match after {
                    ListPlace::Ready(cursor) => Some(*cursor),
                    ListPlace::Held(_) | ListPlace::Blocked(_) => None,
                });
                let page = IssuePageQuery {
                    scope,
                    agent,
                    after,
                    limit,
                };
                let places = self.store.ready_page(&page).await?.into_iter();
                Ok(places
                    .map(|place| (place.key, ListPlace::Ready(place)))
                    .collect())
            }
            ListPart::Held => {
                let after = after.and_then(|after| match after {
                    ListPlace::Held(cursor) => Some(cursor.clone()),
                    ListPlace::Ready(_) | ListPlace::Blocked(_) => None,
                });
                let page = WorkingQuery {
                    agent,
                    status: None,
                    scope,
                    after,
                    limit,
                };
                let claims = self.store.working(&page).await?.into_iter();
                let place = |claim: &crate::domain::claim::Claim| {
                    ListPlace::Held(WorkingCursor {
                        claimed_at: claim.claimed_at,
                        claim: claim.id.to_string(),
                    })
                };
                Ok(claims
                    .map(|working| (working.claim.key(), place(&working.claim)))
                    .collect())
            }
            ListPart::Blocked => {
                let after = after.and_then(|after| match after {
                    ListPlace::Blocked(cursor) => Some(cursor.clone()),
                    ListPlace::Ready(_) | ListPlace::Held(_) => None,
                });
                let page = IssuePageQuery {
                    scope,
                    agent,
                    after,
                    limit,
                };
                let places = self.store.blocked_page(&page, query.reason).await?;
                let places = places.into_iter();
                Ok(places
                    .map(|place| (place.key, ListPlace::Blocked(place)))
                    .collect())
            }
        }
    }
}
