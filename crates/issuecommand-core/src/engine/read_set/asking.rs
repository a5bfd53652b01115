//! The rows that decide what an agent is offered, beyond the lists of candidates.

use std::collections::BTreeSet;

use super::ReadSet;
use crate::domain::id::AgentId;
use crate::domain::policy::Policy;
use crate::domain::repo_policy::RepoPolicy;
use crate::domain::time::{StoreTime, Timestamp};
use crate::engine::view::View;

/// What to load about the agents that ask for work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The agents.
    pub agents: BTreeSet<AgentId>,
    /// Load the issues that they gave back after this time; `None`: none.
    pub gave_back_after: Option<Timestamp>,
    /// Load how many active claims they have.
    pub loads: bool,
    /// Load the repositories that have at least this many active claims.
    pub full_at: Option<u32>,
    /// Claims that wait on their pull request count.
    pub counts_pr: bool,
    /// The time of the transaction.
    pub time: Option<StoreTime>,
}

impl Asking {
    /// The same with what the loaded policies of repositories need besides: longer cool-downs, and limits of claims.
    #[must_use]
    pub fn with_policies(&self, view: &View) -> Self {
        let known = view.tables.repo_policies.rows();
        let policies: Vec<&RepoPolicy> = known.filter_map(|known| known.policy.as_ref()).collect();
        let longest = policies.iter().filter_map(|policy| policy.cooldown()).max();
        let after = longest.and_then(|length| Some(self.time?.silent_since(length)));
        let lowest = policies.iter().filter_map(|policy| policy.max_claims).min();
        Self {
            gave_back_after: self.gave_back_after.into_iter().chain(after).min(),
            full_at: self.full_at.into_iter().chain(lowest).min(),
            ..self.clone()
        }
    }
}

impl ReadSet {
    /// How many rows a list of candidates needs: one for each command that may take one, and one for each that an agent is not
    /// offered because it gave the issue back.
    pub fn candidates(&self, view: &View) -> usize {
        self.consumers + view.most_given_back()
    }

    /// Adds what an agent's request for work needs.
    pub(super) fn asks(&mut self, agent: &AgentId, policy: &Policy, time: StoreTime) {
        self.tables.halts.all = true;
        self.tables.repo_policies.all = true;
        let asking = &mut self.asking;
        asking.agents.insert(agent.clone());
        let cooldown = policy.attempts.cooldown;
        asking.gave_back_after = cooldown.map(|length| time.silent_since(length));
        asking.loads = policy.capacity.per_agent.is_some();
        asking.full_at = policy.capacity.per_repo;
        asking.counts_pr = policy.capacity.counts_pr;
        asking.time = Some(time);
    }
}
