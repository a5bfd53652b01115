//! Finds the repository that a delivery is about.

use super::Context;
use super::effects::Effects;
use crate::domain::repo::{Repo, RepoSnapshot};
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{Refetch, RepoRef};
use crate::engine::view::Rows;

/// How a delivery's repository was found.
pub(super) enum RepoMatch {
    /// By its present name.
    Known,
    /// By another name.
    Renamed,
    /// It is unknown, or known without GitHub's id.
    New,
}

impl Context<'_> {
    /// Stores the repository of a delivery that was taken if it is new, and asks GitHub about a changed name.
    pub(super) fn keep_home(
        &self,
        seen: &RepoRef,
        repo: Repo,
        home: &RepoMatch,
        fx: &mut Effects<'_>,
    ) {
        match home {
            RepoMatch::Known => {}
            RepoMatch::Renamed => {
                let look = Refetch::Repo(seen.name.clone());
                fx.look.get_or_insert(look);
            }
            RepoMatch::New if fx.has_new_repo() => {}
            RepoMatch::New => {
                self.name_repo(&repo, fx);
                fx.put_repo(repo);
            }
        }
    }

    /// Whether the caller may see a delivery's repository, by its known name. The delivery's own name counts too, unless
    /// another repository has it.
    pub(super) fn is_allowed(&self, seen: &RepoRef, repo: &Repo) -> bool {
        let scope = &self.command.caller.scope;
        let holder = self.view.repo_named(&seen.name);
        let own = holder.is_none_or(|holder| holder.id == repo.id);
        scope.has(&repo.facts.name) || (own && scope.has(&seen.name))
    }

    /// The repository of a delivery. Its name there may be a former or a new one; only GitHub knows.
    pub(super) fn home(&self, seen: &RepoRef) -> (Repo, RepoMatch) {
        let by_id = seen
            .facts
            .as_ref()
            .and_then(|facts| self.view.repo_on_github(facts.github_id));
        let by_name = || {
            let same = |repo: &&Repo| {
                let theirs = seen.facts.as_ref().map(|facts| facts.github_id);
                theirs.is_none_or(|id| repo.facts.github_id == id || repo.facts.github_id == 0)
            };
            self.view.repo_named(&seen.name).filter(same)
        };
        match (by_id.or_else(by_name), &seen.facts) {
            (Some(repo), Some(facts)) if repo.facts.github_id == 0 => {
                let repo = Repo {
                    facts: facts.clone(),
                    offered: repo.offered && !facts.archived,
                    unseen: repo.unseen && !facts.archived,
                    ..repo.clone()
                };
                (repo, RepoMatch::New)
            }
            (Some(repo), Some(facts)) if repo.facts.name != facts.name => {
                (repo.clone(), RepoMatch::Renamed)
            }
            (Some(repo), _) => (repo.clone(), RepoMatch::Known),
            (None, facts) => {
                // A new repository is not offered until GitHub shows it: an organization's webhook also reports repositories
                // that the credential cannot see.
                let facts = facts.clone().unwrap_or_else(|| placeholder(&seen.name));
                let repo = Repo {
                    unseen: !facts.archived,
                    ..Repo::new(self.view.next_repo(), facts, false, self.new_known_at())
                };
                (repo, RepoMatch::New)
            }
        }
    }

    /// Whether a delivery has the id of one known repository and the name of another. One of the two is wrong or old, so it
    /// changes neither; the next poll brings the facts again.
    pub(super) fn names_another(&self, repo: &Repo, seen: &RepoRef) -> bool {
        let holder = self.view.repo_named(&seen.name);
        seen.facts.is_some()
            && repo.facts.name != seen.name
            && holder.is_some_and(|holder| holder.id != repo.id && holder.facts.name == seen.name)
    }

    /// Gives a free name to the repository that a delivery calls by it. A taken name moves only when GitHub shows the
    /// repository.
    pub(super) fn name_repo(&self, repo: &Repo, fx: &mut Effects<'_>) {
        let name = &repo.facts.name;
        let holder = self.view.repo_named(name);
        if holder.is_none_or(|holder| holder.id == repo.id) {
            fx.put_name(name.clone(), repo.id);
        }
    }
}

/// The facts of a repository from a thin payload, which has only its name.
fn placeholder(name: &RepoName) -> RepoSnapshot {
    RepoSnapshot {
        github_id: 0,
        name: name.clone(),
        url: format!("https://github.com/{name}"),
        description: None,
        private: false,
        archived: false,
        open_count: 0,
    }
}
