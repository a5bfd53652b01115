//! Loads what decides what an agent is offered.

use std::collections::BTreeMap;

use crate::domain::id::RepoId;
use crate::engine::read_set::Asking;
use crate::engine::view::{View, counts};
use crate::memory::State;

impl State {
    pub(super) fn load_asking(&self, asking: &Asking, view: &mut View) {
        view.load_counting(asking.counts_pr);
        if let Some(since) = asking.gave_back_after {
            for row in self.tables.attempts.rows() {
                if row.gave_back && row.to > since && asking.agents.contains(&row.agent) {
                    view.load_gave_back(row.agent.clone(), row.key(), row.to);
                }
            }
        }
        let active = self.active.values().filter_map(|id| self.claims.get(id));
        let counted = active.filter(|claim| counts(claim, asking.counts_pr));
        if asking.loads {
            for agent in &asking.agents {
                let own = counted.clone().filter(|claim| claim.agent == *agent);
                let own = u32::try_from(own.count()).unwrap_or(u32::MAX);
                view.load_claims_of(agent.clone(), own);
            }
        }
        if asking.full_at.is_some() {
            let mut loads: BTreeMap<RepoId, u32> = BTreeMap::new();
            for claim in counted {
                *loads.entry(claim.repo).or_default() += 1;
            }
            view.load_claims_of_repos(loads);
        }
    }
}
