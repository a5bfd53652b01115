//! Picks the next issue for an agent, or says why there is none.

use super::Context;
use super::effects::Effects;
use crate::domain::id::{AgentId, IdGenerator};
use crate::domain::issue::{IssueFilter, MirroredIssue};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{CandidateChecks, Missing, Outcome};
use crate::engine::view::{Candidates, Rows};
use crate::engine::windows::WindowNeed;

impl Context<'_> {
    pub(super) fn next_issue(
        &self,
        agent: &AgentId,
        filter: &IssueFilter,
        checks: &CandidateChecks,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Option<Outcome> {
        let scope = &self.command.caller.scope;
        let need = WindowNeed {
            agent: agent.clone(),
            filter: filter.clone(),
            scope: scope.clone(),
        };
        if let Some(repo) = &filter.repo
            && self
                .view
                .repo_named(repo)
                .is_none_or(|repo| repo.facts.github_id == 0)
        {
            return Some(Outcome::Missing(Missing::Repo(repo.clone())));
        }
        let halted = self.halted(agent, filter.repo.as_ref(), true);
        if let Some(refusal) = halted.or_else(|| self.at_capacity(agent)) {
            return Some(Outcome::Refused(refusal));
        }
        let Candidates::Fresh(window) = self.view.candidates(&need) else {
            return None;
        };
        let mut keys = window.keys.iter();
        let ready = keys
            .by_ref()
            .filter(|key| self.view.is_ready(**key) && self.is_for(agent, **key));
        let ready = ready.filter_map(|key| self.view.issue(*key));
        let (busy, free): (Vec<_>, Vec<_>) =
            ready.partition(|issue| checks.busy.contains(&issue.key()));
        let known = |issue: &MirroredIssue| {
            let repo = self.view.repo(issue.repo);
            checks.unreachable || repo.is_some_and(|repo| self.is_fresh(repo, issue))
        };
        if let Some(issue) = free.first() {
            return Some(if known(issue) {
                self.take(agent, issue, true, Vec::new(), fx, ids)
            } else {
                Outcome::Missing(Missing::of(issue))
            });
        }
        if !window.complete {
            return None;
        }
        if let Some(issue) = busy.iter().find(|issue| known(issue)) {
            return Some(self.take(agent, issue, true, Vec::new(), fx, ids));
        }
        if let Some(issue) = busy.first() {
            return Some(Outcome::Missing(Missing::of(issue)));
        }
        // "Nothing eligible" is a safe answer only after every repository in question was synced once.
        let asked = filter
            .repo
            .as_ref()
            .and_then(|repo| self.view.repo_named(repo));
        let unsynced: Vec<RepoName> = self
            .view
            .unsynced()
            .iter()
            .filter(|name| scope.has(name) && asked.is_none_or(|repo| repo.facts.name == **name))
            .cloned()
            .collect();
        Some(if unsynced.is_empty() && self.view.knows_repos() {
            Outcome::Refused(Refusal::NothingEligible)
        } else {
            Outcome::Missing(Missing::Sync(unsynced))
        })
    }
}
