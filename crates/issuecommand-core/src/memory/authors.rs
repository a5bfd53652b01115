//! Questions about authors and their rights.

use std::collections::BTreeSet;

use super::State;
use crate::domain::followup::HeldFeedback;
use crate::domain::issue::{IssueState, MirroredIssue};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

impl State {
    pub(super) fn authors_due(
        &self,
        before: Timestamp,
        private: bool,
        limit: u32,
    ) -> Vec<(RepoName, String)> {
        let open = |row: &&MirroredIssue| row.facts.state == IssueState::Open;
        let mut due = BTreeSet::new();
        for row in self.issues.values().filter(open) {
            let repo = self.repos.get(&row.repo);
            let repo = repo.filter(|repo| repo.offered && (private || !repo.facts.private));
            let (Some(repo), Some(author)) = (repo, &row.facts.author) else {
                continue;
            };
            let key = (repo.facts.name.key().to_owned(), author.to_lowercase());
            let asked = self.tables.writers.get(&key).map(|writer| writer.at);
            if asked.is_none_or(|at| at < before) {
                due.insert((asked, repo.facts.name.clone(), key.1));
            }
        }
        let due = due.into_iter().take(limit as usize);
        due.map(|(_, repo, login)| (repo, login)).collect()
    }

    pub(super) fn held_feedback(
        &self,
        repo: Option<&RepoName>,
        limit: u32,
    ) -> Vec<(RepoName, HeldFeedback)> {
        let repo = repo.map(|repo| self.names.get(repo.key()));
        let rows = self.tables.held_feedback.rows();
        let mut rows: Vec<&HeldFeedback> = rows
            .filter(|row| repo.is_none_or(|id| id == Some(&row.pull.0)))
            .collect();
        rows.sort_by_key(|row| (row.at, row.id().clone()));
        rows.truncate(limit as usize);
        let named = |row: &HeldFeedback| {
            let repo = self.repos.get(&row.pull.0)?;
            Some((repo.facts.name.clone(), row.clone()))
        };
        rows.into_iter().filter_map(named).collect()
    }
}
