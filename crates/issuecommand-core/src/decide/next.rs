//! Which issue an agent gets next, and why not.

use super::{Context, Decision, Verdict};
use crate::command::Missing;
use crate::id::{AgentId, Ids};
use crate::issue::IssueFilter;
use crate::needs::WindowNeed;
use crate::refusal::Refusal;
use crate::repo::RepoName;

impl Context<'_> {
    pub(super) fn next_issue(
        &self,
        agent: &AgentId,
        filter: &IssueFilter,
        ids: &mut dyn Ids,
    ) -> Verdict {
        let scope = &self.command.caller.scope;
        let need = WindowNeed {
            filter: filter.clone(),
            scope: scope.clone(),
        };
        if let Some(repo) = &filter.repo
            && self
                .view
                .repo_named(repo)
                .is_none_or(|repo| repo.facts.github_id == 0)
        {
            return Verdict::Decided(Decision::missing(Missing::Repo(repo.clone())));
        }
        let window = self.view.window(&need);
        let Some(window) = window.filter(|_| self.view.has_good_windows()) else {
            return Verdict::Later;
        };
        let free = window.keys.iter().find(|key| self.view.is_ready(**key));
        if let Some(issue) = free.and_then(|key| self.view.issue(*key)) {
            return Verdict::Decided(self.take(agent, issue, true, ids));
        }
        if !window.complete {
            return Verdict::Later;
        }
        // Silence is no evidence: nothing to give is said only when every place to look was looked at once.
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
        Verdict::Decided(if unsynced.is_empty() && self.view.knows_repos() {
            Decision::refused(Refusal::NothingEligible)
        } else {
            Decision::missing(Missing::Sync(unsynced))
        })
    }
}
