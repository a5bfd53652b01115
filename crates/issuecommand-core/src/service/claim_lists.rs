//! Use cases that list claims, and all work of one agent.

use std::collections::BTreeSet;

use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::domain::session::SessionId;
use crate::ports::store::{ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryCursor, HistoryQuery};

/// The open work of one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Its active claims, oldest first.
    pub claims: Vec<Claim>,
    /// Its current follow-ups and stale ones that it last had, in serving order.
    pub followups: Vec<Followup>,
    /// Other live sessions of the agent. What they hold is not for the caller.
    pub others: BTreeSet<SessionId>,
}

impl Work {
    /// Whether another live session of the agent holds it.
    pub fn is_elsewhere(&self, session: Option<&SessionId>) -> bool {
        session.is_some_and(|session| self.others.contains(session))
    }
}

impl Service {
    /// Active claims, oldest first. With a terminal status: ended ones, latest first, at most [`ENDED_LISTED`];
    /// [`Service::history`] returns all.
    pub async fn claims(
        &self,
        caller: &Caller,
        mut filter: ClaimFilter,
    ) -> ServiceResult<Vec<Claim>> {
        filter.scope = self.scoped(caller).scope;
        if filter.status.is_some_and(ClaimStatus::is_terminal) {
            let ClaimFilter {
                agent,
                repo,
                status,
                scope,
                limit,
            } = filter;
            let query = HistoryQuery {
                agent,
                repo,
                status,
                scope,
                limit: limit.unwrap_or(ENDED_LISTED).min(ENDED_LISTED),
                after: None,
            };
            return Ok(self.store.history(&query).await?);
        }
        let claims = self.store.claims(&filter).await?.into_iter();
        Ok(claims.map(|claim| self.shown(claim)).collect())
    }

    /// Ended claims, latest first, and the cursor of the next page.
    pub async fn history(
        &self,
        caller: &Caller,
        mut query: HistoryQuery,
    ) -> ServiceResult<(Vec<Claim>, Option<HistoryCursor>)> {
        query.scope = self.scoped(caller).scope;
        let wanted = query.limit as usize;
        query.limit = query.limit.saturating_add(1);
        let mut items = self.store.history(&query).await?;
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = items.last().filter(|_| more).map(|claim| HistoryCursor {
            ended: claim.last_updated,
            claim: claim.id.to_string(),
        });
        Ok((items, next))
    }

    /// All work of one agent, for callers that may act as that agent.
    pub async fn my_work(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Work> {
        caller.may_be(&agent)?;
        let held = FollowupFilter {
            owner: Some(agent.clone()),
            ..FollowupFilter::default()
        };
        let filter = ClaimFilter {
            agent: Some(agent.clone()),
            ..ClaimFilter::default()
        };
        let claims = self.claims(caller, filter).await?;
        Ok(Work {
            claims,
            followups: self.followups(caller, held).await?,
            others: self.other_sessions(caller, &agent).await?,
        })
    }
}
