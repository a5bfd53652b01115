//! The first look: what needs a person, who works on what, what comes next, and what just happened.

use super::attention::{Attention, Known};
use super::latest_events::LatestEventsQuery;
use super::{ListedIssue, Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::claim::ClaimStatus;
use crate::domain::daily::{Day, Measure};
use crate::domain::event::{Event, EventFilter, Seq};
use crate::domain::failure::StoreError;
use crate::domain::id::AgentId;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::ports::github::Budget;
use crate::ports::read_model::{WorkingClaim, WorkingCounts, WorkingQuery};

/// How many lines of work are told.
const WORKING: u32 = 100;
/// How many lines of the queue are told.
const NEXT: u32 = 5;
/// How many events are told.
const EVENTS: usize = 10;

/// The first look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// When it was made.
    pub at: Timestamp,
    /// What needs a person, the most urgent first.
    pub attention: Vec<Attention>,
    /// Active claims by status, agents at work and feedback that waits.
    pub counts: WorkingCounts,
    /// Issues that are ready.
    pub ready: u64,
    /// Claims that were merged today, in UTC.
    pub merged_today: u64,
    /// The claims that are held longest.
    pub working: Vec<WorkingClaim>,
    /// The issues that will be served next.
    pub next: Vec<ListedIssue>,
    /// The latest events, newest first.
    pub events: Vec<Event>,
    /// The latest event of the log, whoever may see it.
    pub last_event: Seq,
    /// GitHub's rate-limit budget.
    pub budget: Budget,
    /// When a full-scope run of the sync that read something last ended.
    pub last_sync: Option<Timestamp>,
}

impl Overview {
    /// How many claims have one of these statuses.
    pub fn with_status(&self, wanted: &[ClaimStatus]) -> u64 {
        let counts = self.counts.claims.iter();
        let counts = counts.filter(|(status, _)| wanted.contains(status));
        counts.map(|(_, n)| n).sum()
    }
}

impl Service {
    /// The first look, of everything that the caller may see or of one repository or agent.
    pub async fn overview(
        &self,
        caller: &Caller,
        repo: Option<RepoName>,
        agent: Option<AgentId>,
    ) -> ServiceResult<Overview> {
        let scoped = self.scoped(caller);
        let scope = self.within(&scoped, repo.as_ref()).await?;
        // Rows of the service itself follow the sight, which is not narrowed by ALLOWED_REPOS.
        let sight = match &repo {
            Some(_) => scope.clone(),
            None => self.sight(caller),
        };
        let last_event = self.store.last_event().await?;
        let health = self.store.health(&sight).await?;
        let halts = self.halts_for(caller).await?;
        let known = Known {
            health: &health,
            halts: &halts,
            is_whole: repo.is_none() && agent.is_none(),
        };
        let attention = self.attention(caller, &sight, agent.as_ref(), known);
        let attention = attention.await?;
        let working = WorkingQuery {
            agent: agent.clone(),
            status: None,
            scope: scope.clone(),
            after: None,
            limit: WORKING,
        };
        let events = LatestEventsQuery {
            before: None,
            limit: EVENTS,
            filter: EventFilter {
                repo: None,
                agent: agent.clone(),
                kinds: None,
            },
        };
        let place = Self::place_of(agent.as_ref());
        let merged_today = self.counted_today(&sight, Measure::Merges).await?;
        let counts = self.issue_counts(&scope, agent.as_ref()).await?;
        Ok(Overview {
            at: self.clock.now(),
            attention,
            counts: self.store.working_counts(agent.as_ref(), &scope).await?,
            ready: counts.ready,
            merged_today,
            working: self.shown_working(self.store.working(&working).await?),
            next: self.first_in_queue(&scope, agent.as_ref(), NEXT).await?,
            events: self.events_of(&place, &sight, &events).await?.events,
            last_event,
            budget: self.github.budget(),
            last_sync: health.last_sync,
        })
    }

    /// The claims as they are shown: with the time at which each goes stale.
    pub(super) fn shown_working(&self, working: Vec<WorkingClaim>) -> Vec<WorkingClaim> {
        let shown = working.into_iter().map(|working| WorkingClaim {
            claim: self.shown(working.claim),
            ..working
        });
        shown.collect()
    }

    async fn counted_today(&self, scope: &Scope, measure: Measure) -> Result<u64, StoreError> {
        let today = Day::of(self.clock.now());
        let numbers = self.store.daily(scope, today, today).await?;
        let numbers = numbers.iter();
        let wanted = numbers.filter(|number| number.key.measure == measure);
        Ok(wanted.map(|number| number.n).sum())
    }
}
