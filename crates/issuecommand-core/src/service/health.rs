//! The health of the service, and the input of its metrics.

use std::collections::BTreeMap;

use super::{DatabaseInfo, Service, ServiceResult, ShownHalt};
use crate::domain::access::{Caller, Scope};
use crate::domain::edge::Cycle;
use crate::domain::explain::ExplainQuery;
use crate::domain::failure::StoreError;
use crate::domain::issue::IssueFilter;
use crate::domain::readiness::ReasonCode;
use crate::domain::time::{Millis, Timestamp};
use crate::ports::github::Budget;
use crate::ports::store::{StatusCounts, StoreHealth};

/// The health of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How long this process has been running.
    pub uptime: Millis,
    /// Counts from the store.
    pub store: StoreHealth,
    /// How many open issues are not handed out, by the first reason of each.
    pub not_ready: BTreeMap<ReasonCode, u64>,
    /// Issues that block each other in a circle, where the caller may see all of them.
    pub cycles: Vec<Cycle>,
    /// Work that is halted, as far as the caller may know.
    pub halts: Vec<ShownHalt>,
    /// How many pieces of feedback are kept from agents, where the settings hold any back.
    pub held_back: u64,
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
    /// How many open issues are not handed out, by the first reason of each.
    pub not_ready: BTreeMap<ReasonCode, u64>,
    /// GitHub's rate-limit budget.
    pub budget: Budget,
    /// When these values were read.
    pub now: Timestamp,
}

impl Service {
    /// The metrics of the whole store.
    pub async fn measures(&self) -> Result<Measures, StoreError> {
        Ok(Measures {
            tally: self.store.tally().await?,
            store: self.store.health(&Scope::All).await?,
            not_ready: self.not_ready(Scope::All).await?,
            budget: self.github.budget(),
            now: self.clock.now(),
        })
    }

    async fn not_ready(&self, scope: Scope) -> Result<BTreeMap<ReasonCode, u64>, StoreError> {
        let query = ExplainQuery::new(IssueFilter::default(), scope, None);
        Ok(self.store.explain(&query).await?.reasons())
    }

    /// The repositories whose totals and events a caller gets. Callers without a scope of their own get all.
    pub fn sight(&self, caller: &Caller) -> Scope {
        match &caller.scope {
            Scope::All => Scope::All,
            Scope::Only(_) => self.scoped(caller).scope,
        }
    }

    /// The repositories whose issues a caller with this scope is told by name. Whoever sees all that is served may know what is not.
    pub(super) fn named_in(&self, scope: &Scope) -> Scope {
        if *scope == self.scoped(&Caller::system()).scope {
            Scope::All
        } else {
            scope.clone()
        }
    }

    /// The health of the service. Counts cover only what the caller may see.
    pub async fn health(&self, caller: &Caller) -> ServiceResult<Health> {
        let sight = self.sight(caller);
        let store = self.store.health(&sight).await?;
        let mut cycles = self.store.dependency_cycles().await?;
        cycles.retain(|cycle| cycle.issues.iter().all(|place| sight.has(&place.repo)));
        let held_back = self.held_back(&sight).await?;
        let not_ready = self.not_ready(sight).await?;
        let condition = self.store.condition().await?;
        self.forget_readable().await?;
        let uptime = Millis((self.clock.now().0 - self.started.0).max(0));
        Ok(Health {
            uptime,
            store,
            not_ready,
            cycles,
            halts: self.halts_for(caller).await?,
            held_back,
            budget: self.github.budget(),
            warnings: self.warnings_for(caller, &condition),
            database: self.database_for(caller),
        })
    }
}
