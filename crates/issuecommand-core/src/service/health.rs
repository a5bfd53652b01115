//! Who holds what, and how IssueCommand is.

use super::{DatabaseInfo, Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::claim::Claim;
use crate::domain::failure::{GithubError, StoreError};
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::domain::time::{Millis, Timestamp};
use crate::ports::github::Budget;
use crate::ports::store::{
    ClaimFilter, ENDED_LISTED, FollowupFilter, HistoryCursor, HistoryQuery, StatusCounts,
    StoreHealth,
};

/// All that one agent has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Its active claims, the oldest first.
    pub claims: Vec<Claim>,
    /// Its follow-ups: those it has, and stale ones that it last had. In serving order.
    pub followups: Vec<Followup>,
}

/// How IssueCommand is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How long this process runs.
    pub uptime: Millis,
    /// What the store counts.
    pub store: StoreHealth,
    /// What is known of GitHub's budget.
    pub budget: Budget,
    /// What the operator should look at. Only for callers that may see every repository; those that name files, only for the
    /// operator's own callers.
    pub warnings: Vec<String>,
    /// Which database this is. Only for the operator's own callers: on this machine, or with the one API key.
    pub database: Option<DatabaseInfo>,
}

/// What operators watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    /// What is open.
    pub tally: StatusCounts,
    /// What the store counts besides.
    pub store: StoreHealth,
    /// What is known of GitHub's budget.
    pub budget: Budget,
    /// The moment of all this.
    pub now: Timestamp,
}

impl Service {
    /// The login of the user whose credential GitHub is asked with. Asked once; an App's installation has none.
    ///
    /// # Errors
    /// What GitHub answered instead; the next call asks again.
    pub async fn viewer(&self) -> Result<&str, GithubError> {
        let login = self.viewer.get_or_try_init(|| self.github.viewer()).await?;
        Ok(login)
    }

    /// What operators watch, of the whole.
    pub async fn measures(&self) -> Result<Measures, StoreError> {
        Ok(Measures {
            tally: self.store.tally().await?,
            store: self.store.health(&Scope::All).await?,
            budget: self.github.budget(),
            now: self.clock.now(),
        })
    }

    /// Active claims, the oldest first. With a status that an ended claim has, the ended ones, the latest first,
    /// [`ENDED_LISTED`] at most; [`Service::history`] has all of them.
    pub async fn claims(
        &self,
        caller: &Caller,
        mut filter: ClaimFilter,
    ) -> ServiceResult<Vec<Claim>> {
        filter.scope = self.scoped(caller).scope;
        if let Some(status) = filter.status.filter(|status| status.is_terminal()) {
            let query = HistoryQuery {
                agent: filter.agent,
                repo: filter.repo,
                status: Some(status),
                scope: filter.scope,
                limit: ENDED_LISTED,
                after: None,
            };
            return Ok(self.store.history(&query).await?);
        }
        Ok(self.store.claims(&filter).await?)
    }

    /// Ended claims, the latest first, and where the next page begins.
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

    /// Everything that one agent holds, for whoever may speak as that agent.
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

    /// The repositories of which a caller hears what is told of the whole: its numbers, its events. Who is not bound to some
    /// hears of all.
    pub fn sight(&self, caller: &Caller) -> Scope {
        match &caller.scope {
            Scope::All => Scope::All,
            Scope::Only(_) => self.scoped(caller).scope,
        }
    }

    /// How IssueCommand is. A caller that may not see every repository hears the numbers of those that it may see.
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
