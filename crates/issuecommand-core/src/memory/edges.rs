//! Questions about what issues wait for.

use super::State;
use crate::domain::edge::{EdgeEnd, EdgeKind};
use crate::domain::id::{IssueKey, IssueNumber};
use crate::domain::issue::IssuePlace;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

impl State {
    pub(super) fn edges_due(&self, now: Timestamp, limit: u32) -> Vec<(RepoName, IssueNumber)> {
        let mut due: Vec<(Timestamp, IssueKey)> = self
            .tables
            .standings
            .rows()
            .filter(|row| self.repos.get(&row.repo).is_some_and(|repo| repo.offered))
            .filter_map(|row| Some((row.due_at.filter(|at| *at <= now)?, row.key())))
            .collect();
        due.sort_unstable();
        due.truncate(limit as usize);
        let named = |(_, (repo, number))| Some((self.repos.get(&repo)?.facts.name.clone(), number));
        due.into_iter().filter_map(named).collect()
    }

    pub(super) fn open_dependencies(&self) -> Vec<(IssuePlace, IssuePlace)> {
        let place = |(repo, number): IssueKey| {
            let repo = self.repos.get(&repo)?.facts.name.clone();
            Some(IssuePlace { repo, number })
        };
        let open = self.tables.edges.rows().filter(|edge| {
            let is_open = self.tables.standings.get(&edge.of).is_some();
            edge.kind == EdgeKind::BlockedBy && edge.open && is_open
        });
        let mut edges: Vec<_> = open
            .filter_map(|edge| match edge.to {
                EdgeEnd::Here(repo, number) => Some((place(edge.of)?, place((repo, number))?)),
                EdgeEnd::Elsewhere(..) => None,
            })
            .collect();
        edges.sort();
        edges
    }
}
