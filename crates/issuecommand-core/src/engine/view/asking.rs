//! What the view knows of the agents that ask for work, and of the repositories that give none.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::domain::attempt::Attempt;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::halt::{HaltKind, HaltOf};
use crate::domain::id::{AgentId, IssueKey, RepoId};
use crate::domain::time::Timestamp;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Askers {
    /// When each agent gave an issue back last.
    gave_back: BTreeMap<AgentId, BTreeMap<IssueKey, Timestamp>>,
    /// Active claims by agent.
    loads: BTreeMap<AgentId, u32>,
    /// Active claims by repository, if they are limited.
    repo_loads: Option<BTreeMap<RepoId, u32>>,
    counts_pr: bool,
}

impl Askers {
    /// Counts a claim before and after a change.
    pub(super) fn count(&mut self, before: Option<&Claim>, now: &Claim) {
        for (claim, by) in [(before, -1_i32), (Some(now), 1)] {
            let Some(claim) = claim.filter(|claim| counts(claim, self.counts_pr)) else {
                continue;
            };
            let add = |n: u32| n.saturating_add_signed(by);
            if let Some(n) = self.loads.get_mut(&claim.agent) {
                *n = add(*n);
            }
            if let Some(loads) = &mut self.repo_loads {
                let n = loads.entry(claim.repo).or_default();
                *n = add(*n);
            }
        }
    }

    pub(super) fn learn(&mut self, attempt: &Attempt) {
        if attempt.gave_back {
            let of = self.gave_back.entry(attempt.agent.clone()).or_default();
            of.insert(attempt.key(), attempt.to);
        }
    }
}

/// Whether a claim counts for capacity.
pub(crate) fn counts(claim: &Claim, with_pr: bool) -> bool {
    match claim.status {
        ClaimStatus::Claimed | ClaimStatus::InProgress | ClaimStatus::Stale => true,
        ClaimStatus::PrSubmitted | ClaimStatus::PrMerged => with_pr,
        ClaimStatus::Closed | ClaimStatus::Released => false,
    }
}

impl View {
    /// Sets which claims count for capacity.
    pub fn load_counting(&mut self, counts_pr: bool) {
        self.askers.counts_pr = counts_pr;
    }

    /// Sets how many active claims each repository has that has any.
    pub fn load_claims_of_repos(&mut self, loads: BTreeMap<RepoId, u32>) {
        self.askers.repo_loads = Some(loads);
    }

    /// Adds when an agent gave back an issue.
    pub fn load_gave_back(&mut self, agent: AgentId, key: IssueKey, at: Timestamp) {
        let of = self.askers.gave_back.entry(agent).or_default();
        let known = of.entry(key).or_insert(at);
        *known = at.max(*known);
    }

    /// Adds how many active claims an agent has.
    pub fn load_claims_of(&mut self, agent: AgentId, count: u32) {
        self.askers.loads.insert(agent, count);
    }

    /// The most issues that one of the agents is not offered because it gave them back.
    pub fn most_given_back(&self) -> usize {
        let counts = self.askers.gave_back.values().map(BTreeMap::len);
        counts.max().unwrap_or(0)
    }

    /// The repositories of which no issues are offered: halted ones, and those with `full_at` claims or more.
    pub fn passed_over(&self, full_at: Option<u32>) -> BTreeSet<RepoId> {
        let halted = self.tables.halts.rows().filter_map(|halt| match halt.of {
            HaltOf::Repo(repo) => Some(repo),
            HaltOf::Everything | HaltOf::Agent(_) => None,
        });
        let full = self.askers.repo_loads.iter().flatten();
        let full = full.filter(|(repo, n)| self.is_full(**repo, **n, full_at));
        halted.chain(full.map(|(repo, _)| *repo)).collect()
    }

    /// The repositories whose feedback is not given.
    pub fn paused_repos(&self) -> BTreeSet<RepoId> {
        let halts = self.tables.halts.rows();
        let paused = halts.filter(|halt| halt.kind == HaltKind::Paused);
        let repos = paused.filter_map(|halt| match halt.of {
            HaltOf::Repo(repo) => Some(repo),
            HaltOf::Everything | HaltOf::Agent(_) => None,
        });
        repos.collect()
    }

    pub(crate) fn is_passed_over(&self, repo: RepoId, full_at: Option<u32>) -> bool {
        let loads = self.askers.repo_loads.as_ref();
        let load = loads.and_then(|loads| loads.get(&repo));
        self.tables.halts.get(&HaltOf::Repo(repo)).is_some()
            || load.is_some_and(|n| self.is_full(repo, *n, full_at))
    }

    /// Whether a repository has as many claims as it may have: by the operator's limit, or by its own.
    fn is_full(&self, repo: RepoId, claims: u32, full_at: Option<u32>) -> bool {
        let known = self.tables.repo_policies.get(&repo);
        let own = known.and_then(|known| known.policy.as_ref()?.max_claims);
        let limit = full_at.into_iter().chain(own).min();
        limit.is_some_and(|limit| claims >= limit)
    }

    /// The issues that an agent gave back, with the moment of each.
    pub(crate) fn given_back_by(&self, agent: &AgentId) -> Vec<(IssueKey, Timestamp)> {
        let given = self.askers.gave_back.get(agent).into_iter().flatten();
        given.map(|(key, at)| (*key, *at)).collect()
    }

    pub(crate) fn gave_back_at(&self, agent: &AgentId, key: IssueKey) -> Option<Timestamp> {
        self.askers.gave_back.get(agent)?.get(&key).copied()
    }

    pub(crate) fn load_of(&self, agent: &AgentId) -> u32 {
        self.askers.loads.get(agent).copied().unwrap_or(0)
    }
}
