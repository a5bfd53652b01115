//! The agents, page by page.

use std::collections::BTreeSet;

use super::{AgentState, Service, ServiceResult, together};
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::StoreError;
use crate::domain::halt::{Halt, HaltOf};
use crate::domain::id::AgentId;
use crate::domain::session::KnownAgent;
use crate::ports::store::{ClaimFilter, FollowupFilter};

/// A page of agents, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentList {
    /// The agents.
    pub agents: Vec<AgentState>,
    /// How many there are.
    pub total: u64,
    /// The next page is behind this one; `None` after the last.
    pub next: Option<AgentId>,
}

impl Service {
    /// A page of the agents that were heard lately, by name. A caller who sees some repositories only gets the agents that hold
    /// something there. Sessions are told to callers who may do what people do.
    pub async fn agent_list(
        &self,
        caller: &Caller,
        after: Option<&AgentId>,
        limit: u32,
    ) -> ServiceResult<AgentList> {
        let scope = self.scoped(caller).scope;
        let more = limit.saturating_add(1);
        let (mut page, total) = match self.sight(caller) {
            Scope::All => (
                self.store.agents_page(after, more).await?,
                self.store.agents_count().await?,
            ),
            Scope::Only(_) => self.holders(&scope, after, more).await?,
        };
        let is_last = page.len() <= limit as usize;
        page.truncate(limit as usize);
        let next = page.last().filter(|_| !is_last);
        let next = next.map(|agent| agent.id.clone());
        let halts = self.halts_for(caller).await?;
        let halt_of = |agent: &AgentId| -> Option<Halt> {
            let own = HaltOf::Agent(agent.clone());
            let halt = halts.iter().find(|shown| shown.halt.of == own)?;
            Some(halt.halt.clone())
        };
        let with_sessions = caller.may_change(None).is_ok() && caller.scope == Scope::All;
        let states = page.into_iter().map(|agent| {
            let halt = halt_of(&agent.id);
            self.state_of(agent, &scope, halt, with_sessions)
        });
        let states = together::all(states).await.into_iter();
        Ok(AgentList {
            agents: states.collect::<Result<_, StoreError>>()?,
            total,
            next,
        })
    }

    /// The agents that hold something in these repositories, behind a name, and how many there are.
    async fn holders(
        &self,
        scope: &Scope,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<(Vec<KnownAgent>, u64), StoreError> {
        let claims = ClaimFilter {
            scope: scope.clone(),
            ..ClaimFilter::default()
        };
        let items = FollowupFilter {
            scope: scope.clone(),
            ..FollowupFilter::default()
        };
        let claims = self.store.claims(&claims).await?;
        let items = self.store.followups(&items).await?;
        let held = items.iter().filter_map(|item| item.holder().cloned());
        let names: BTreeSet<AgentId> = claims
            .into_iter()
            .map(|claim| claim.agent)
            .chain(held)
            .collect();
        let behind = names
            .iter()
            .filter(|name| after.is_none_or(|after| *name > after));
        let mut agents = Vec::new();
        for name in behind.take(limit as usize) {
            agents.extend(self.store.agents(Some(name)).await?);
        }
        Ok((agents, names.len() as u64))
    }

    async fn state_of(
        &self,
        agent: KnownAgent,
        scope: &Scope,
        halt: Option<Halt>,
        with_sessions: bool,
    ) -> Result<AgentState, StoreError> {
        let claims = ClaimFilter {
            agent: Some(agent.id.clone()),
            scope: scope.clone(),
            ..ClaimFilter::default()
        };
        let items = FollowupFilter {
            owner: Some(agent.id.clone()),
            scope: scope.clone(),
            ..FollowupFilter::default()
        };
        let sessions = if with_sessions {
            self.store.sessions(Some(&agent.id)).await?
        } else {
            Vec::new()
        };
        let claims = self.store.claims(&claims).await?.into_iter();
        let mut followups = self.store.followups(&items).await?;
        followups.retain(|item| item.holder() == Some(&agent.id));
        Ok(AgentState {
            sessions: (sessions.into_iter())
                .map(|session| (session.clone(), self.is_alive(&session)))
                .collect(),
            claims: claims.map(|claim| self.shown(claim)).collect(),
            followups,
            halt,
            limit: self.policy.capacity.per_agent,
            agent,
        })
    }
}
