//! Counts the open issues by a walk over all of them.

use super::State;
use crate::domain::explain::{ExplainQuery, Explained, OpenIssue};
use crate::domain::issue::IssueFilter;
use crate::domain::readiness::ReasonCode;
use crate::domain::standing::Standing;

impl State {
    pub(super) fn explain(&self, query: &ExplainQuery) -> Explained {
        let filter = &query.filter;
        let wanted = filter.repo.as_ref().map(|repo| self.names.get(repo.key()));
        let repos = self.repos.values().filter(|repo| {
            query.scope.has(&repo.facts.name) && wanted.is_none_or(|id| id == Some(&repo.id))
        });
        let repos: Vec<_> = repos.cloned().collect();
        let rest = IssueFilter {
            repo: None,
            ..filter.clone()
        };
        let fits = |standing: &&Standing| {
            repos.iter().any(|repo| repo.id == standing.repo)
                && self
                    .issues
                    .get(&standing.key())
                    .is_some_and(|row| rest.matches(row))
        };
        let issue = |standing: &Standing| {
            let held = self.active.contains_key(&standing.key());
            OpenIssue {
                key: standing.key(),
                created_at: standing.created_at,
                lane: standing.lane.clone(),
                first: held
                    .then_some(ReasonCode::Held)
                    .or_else(|| standing.reasons.first()),
            }
        };
        let standings = self.tables.standings.rows().filter(fits);
        let mut issues: Vec<OpenIssue> = standings.map(issue).collect();
        let approximate = rest != IssueFilter::default() && issues.len() > query.most;
        if approximate {
            issues.truncate(query.most);
        }
        Explained {
            approximate,
            ..Explained::of(query, repos, issues)
        }
    }
}
