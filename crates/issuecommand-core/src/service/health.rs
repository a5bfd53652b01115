//! Use cases that list work and report health.

use super::{DatabaseInfo, Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::failure::{GithubError, StoreError};
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::domain::time::{Millis, Timestamp};
use crate::ports::github::Budget;
use crate::ports::store::{
    ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryCursor, HistoryQuery, StatusCounts,
    StoreHealth,
};

/// The open work of one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Its active claims, oldest first.
    pub claims: Vec<Claim>,
    /// Its current follow-ups and stale ones that it last had, in serving order.
    pub followups: Vec<Followup>,
}

/// The health of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How long this process has been running.
    pub uptime: Millis,
    /// Counts from the store.
    pub store: StoreHealth,
    /// GitHub's rate-limit budget.
    pub budget: Budget,
    /// Warnings for the operator. Only for callers that may see every repository; warnings that name files only for the
    /// operator's own callers.
    pub warnings: Vec<String>,
    /// The database. Only for the operator's own callers: on this machine, or with the one API key.
    pub database: Option<DatabaseInfo>,
}

/// Input of the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    /// Open rows by status.
    pub tally: StatusCounts,
    /// Other counts from the store.
    pub store: StoreHealth,
    /// GitHub's rate-limit budget.
    pub budget: Budget,
    /// When these values were read.
    pub now: Timestamp,
}

impl Service {
    /// The login of the credential's user, requested once. An App installation has none.
    ///
    /// # Errors
    /// GitHub's error; the next call requests it again.
    pub async fn viewer(&self) -> Result<&str, GithubError> {
        let login = self.viewer.get_or_try_init(|| self.github.viewer()).await?;
        Ok(login)
    }

    /// The metrics of the whole store.
    pub async fn measures(&self) -> Result<Measures, StoreError> {
        Ok(Measures {
            tally: self.store.tally().await?,
            store: self.store.health(&Scope::All).await?,
            budget: self.github.budget(),
            now: self.clock.now(),
        })
    }

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
            } = filter;
            let query = HistoryQuery {
                agent,
                repo,
                status,
                scope,
                limit: ENDED_LISTED,
                after: None,
            };
            return Ok(self.store.history(&query).await?);
        }
        Ok(self.store.claims(&filter).await?)
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
            agent: Some(agent),
            ..ClaimFilter::default()
        };
        let claims = self.claims(caller, filter).await?;
        Ok(Work {
            claims,
            followups: self.followups(caller, held).await?,
        })
    }

    /// The repositories whose totals and events a caller gets. Callers without a scope of their own get all.
    pub fn sight(&self, caller: &Caller) -> Scope {
        match &caller.scope {
            Scope::All => Scope::All,
            Scope::Only(_) => self.scoped(caller).scope,
        }
    }

    /// The health of the service. Counts cover only what the caller may see.
    pub async fn health(&self, caller: &Caller) -> ServiceResult<Health> {
        let store = self.store.health(&self.sight(caller)).await?;
        let condition = self.store.condition().await?;
        self.forget_readable().await?;
        let uptime = Millis((self.clock.now().0 - self.started.0).max(0));
        Ok(Health {
            uptime,
            store,
            budget: self.github.budget(),
            warnings: self.warnings_for(caller, &condition),
            database: self.database_for(caller),
        })
    }
}
