//! The numbers of days and agents.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::domain::claim::Claim;
use crate::domain::daily::{DailyKey, Day, Measure};
use crate::domain::id::RepoId;
use crate::domain::issue::IssueFilter;
use crate::engine::daily::Counted;

impl State {
    pub(super) fn count(&mut self, counted: Counted, measured: Option<(Day, i64)>) {
        for (key, more) in counted.days {
            let n = self.daily.entry(key).or_default();
            *n = n.saturating_add_signed(more);
        }
        for (key, (more, day)) in counted.agents {
            let (n, last) = self.agent_totals.entry(key).or_insert((0, day));
            *n = n.saturating_add_signed(more);
            *last = day.max(*last);
        }
        if let Some((day, hour)) = measured {
            self.measure(day, hour);
        }
    }

    /// Measures the queue and the agents at work, unless that was done in this hour. The number of all repositories together is there
    /// even if it is 0, since it says that the hour was measured.
    fn measure(&mut self, day: Day, hour: i64) {
        let key = |repo_id, measure| DailyKey {
            repo_id,
            day,
            measure,
            bucket: hour,
        };
        if self.daily.contains_key(&key(DailyKey::ALL, Measure::Queue)) {
            return;
        }
        let mut queue: BTreeMap<RepoId, u64> = BTreeMap::new();
        for issue in self.ready_issues(&IssueFilter::default()) {
            *queue.entry(issue.repo).or_default() += 1;
        }
        let claims = self.active.values().filter_map(|id| self.claims.get(id));
        let claims: Vec<&Claim> = claims.collect();
        let mut agents: BTreeMap<RepoId, BTreeSet<_>> = BTreeMap::new();
        for claim in &claims {
            let of_repo = agents.entry(claim.repo).or_default();
            of_repo.insert(claim.agent.clone());
        }
        let all: BTreeSet<_> = claims.iter().map(|claim| &claim.agent).collect();
        let (all_queue, all_agents) = (queue.values().sum(), all.len() as u64);
        queue.insert(DailyKey::ALL, all_queue);
        let mut at_work: BTreeMap<RepoId, u64> = agents
            .into_iter()
            .map(|(repo, agents)| (repo, agents.len() as u64))
            .collect();
        at_work.insert(DailyKey::ALL, all_agents);
        for (measure, numbers) in [(Measure::Queue, queue), (Measure::Agents, at_work)] {
            let numbers = numbers.into_iter();
            self.daily
                .extend(numbers.map(|(repo, n)| (key(repo, measure), n)));
        }
    }
}
