//! Which issue an agent gets next, and why not.

use super::Context;
use super::effects::Effects;
use crate::command::{Missing, Outcome};
use crate::id::{AgentId, Ids};
use crate::issue::IssueFilter;
use crate::needs::WindowNeed;
use crate::refusal::Refusal;
use crate::repo::RepoName;
use crate::view::{Candidates, Rows};

impl Context<'_> {
    pub(super) fn next_issue(
        &self,
        agent: &AgentId,
        filter: &IssueFilter,
        fx: &mut Effects<'_>,
        ids: &mut dyn Ids,
    ) -> Option<Outcome> {
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
            return Some(Outcome::Missing(Missing::Repo(repo.clone())));
        }
        let Candidates::Fresh(window) = self.view.candidates(&need) else {
            return None;
        };
        let free = window.keys.iter().find(|key| self.view.is_ready(**key));
        if let Some(issue) = free.and_then(|key| self.view.issue(*key)) {
            return Some(self.take(agent, issue, true, fx, ids));
        }
        if !window.complete {
            return None;
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
        Some(if unsynced.is_empty() && self.view.knows_repos() {
            Outcome::Refused(Refusal::NothingEligible)
        } else {
            Outcome::Missing(Missing::Sync(unsynced))
        })
    }
}
