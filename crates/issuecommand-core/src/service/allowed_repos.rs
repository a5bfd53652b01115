//! The repositories of `ALLOWED_REPOS`, across renames.
//!
//! When GitHub first shows the repository of a name, the name is bound to that repository's GitHub id. The repository then
//! stays allowed under any later name, and another repository that takes the name is not allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLockReadGuard};

use super::Service;
use super::unknown_repos::refusal;
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::{Failure, GithubError, GithubErrorKind, StoreError};
use crate::domain::lease::LeaseProof;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Command};
use crate::ports::github::RepoListing;

/// The present resolution of `ALLOWED_REPOS`.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    /// All names, present and former, of the allowed repositories.
    scope: Scope,
    /// The GitHub ids that names of the setting are bound to.
    bound: BTreeMap<RepoName, i64>,
    /// Names of the setting whose repositories were renamed, with the present name.
    renamed: Vec<(RepoName, RepoName)>,
}

impl Allowed {
    /// The names as configured, before the store was asked.
    pub(super) fn by_name(setting: &Scope) -> Self {
        Self {
            scope: setting.clone(),
            bound: BTreeMap::new(),
            renamed: Vec::new(),
        }
    }
}

impl Service {
    /// The caller with its scope limited to what the operator allows.
    pub(crate) fn scoped(&self, caller: &Caller) -> Caller {
        let allowed = self.allowed_now();
        let scope = match (&allowed.scope, &caller.scope) {
            (Scope::All, scope) | (scope, Scope::All) => scope.clone(),
            (Scope::Only(a), Scope::Only(b)) => Scope::Only(a.intersection(b).cloned().collect()),
        };
        Caller {
            scope,
            ..caller.clone()
        }
    }

    /// Whether `ALLOWED_REPOS` allows this process to offer the repository with this name.
    pub fn allows(&self, repo: &RepoName) -> bool {
        match &self.allowed_now().scope {
            Scope::All => true,
            Scope::Only(names) => names.contains(repo),
        }
    }

    /// The id that a name of the setting is bound to.
    fn bound_id(&self, name: &RepoName) -> Option<i64> {
        self.allowed_now().bound.get(name).copied()
    }

    fn allowed_now(&self) -> RwLockReadGuard<'_, Allowed> {
        let allowed = self.allowed_now.read();
        allowed.unwrap_or_else(PoisonError::into_inner)
    }

    /// Resolves the names of `ALLOWED_REPOS` with the store. Called periodically, because another process may record a rename.
    ///
    /// # Errors
    /// The store's errors; the previous resolution stays.
    pub async fn refresh_allowed(&self) -> Result<(), StoreError> {
        let Scope::Only(names) = &self.allowed else {
            return Ok(());
        };
        let known = self.store.allowed_repos(names).await?;
        let mut allowed = Allowed::by_name(&Scope::Only(BTreeSet::new()));
        let mut scope = BTreeSet::new();
        for name in names {
            let Some(found) = known.iter().find(|found| found.asked == *name) else {
                scope.insert(name.clone());
                continue;
            };
            scope.extend(found.names.iter().cloned());
            if found.bound {
                allowed
                    .bound
                    .insert(name.clone(), found.repo.facts.github_id);
            }
            if found.repo.facts.github_id != 0 && found.repo.facts.name != *name {
                let now = found.repo.facts.name.clone();
                allowed.renamed.push((name.clone(), now));
            }
        }
        allowed.scope = Scope::Only(scope);
        let now = self.allowed_now.write();
        *now.unwrap_or_else(PoisonError::into_inner) = allowed;
        Ok(())
    }

    /// Warnings about names of `ALLOWED_REPOS` whose repositories were renamed.
    pub(super) fn renamed_warnings(&self) -> Vec<String> {
        let renamed = self.allowed_now().renamed.clone();
        let words = |(name, now): &(RepoName, RepoName)| {
            format!(
                "ALLOWED_REPOS names {name}, which is called {now} now. It stays allowed; write {now} in ALLOWED_REPOS"
            )
        };
        renamed.iter().map(words).collect()
    }

    /// Requests the repository of a name in `ALLOWED_REPOS`: by its id if that is known.
    pub(super) async fn allowed_repo(&self, name: &RepoName) -> Result<RepoSnapshot, GithubError> {
        match self.bound_id(name) {
            Some(id) => self.github.repo_by_id(id).await,
            None => self.github.repo(name).await,
        }
    }

    /// All repositories that the credential sees. If they cannot be listed at all, the operator gets a warning with the remedy.
    pub(super) async fn list_repos_on_github(&self) -> Result<RepoListing, Failure> {
        let result = self.github.repo_listing().await;
        let too_many = match &result {
            Err(error) if error.kind == GithubErrorKind::TooMany => Some(true),
            Err(error) if error.kind == GithubErrorKind::Refused && error.status == Some(403) => {
                Some(false)
            }
            _ => None,
        };
        let failure = too_many.map(|too_many| Failure::CannotListRepos { too_many });
        if result.is_ok() || failure.is_some() {
            let words = failure.as_ref().map(|failure| {
                format!("{failure}; nothing is offered. Name those to work on: ALLOWED_REPOS=owner/name,owner/name")
            });
            self.findings().unlistable = words;
        }
        match failure {
            Some(failure) => Err(failure),
            None => Ok(result?),
        }
    }

    /// Records that GitHub does not show the repository of a name in `ALLOWED_REPOS`. Another repository that has the name by
    /// now is not affected.
    pub(super) async fn mark_allowed_unavailable(
        &self,
        name: &RepoName,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let meant = self
            .store
            .allowed_repos(&BTreeSet::from([name.clone()]))
            .await?;
        for found in meant {
            let own = &found.repo.facts.name;
            if found.names.contains(own) {
                let action = Action::MarkRepoUnavailable(own.clone());
                self.note(Command::system(action).under(lease)).await?;
            }
        }
        Ok(())
    }

    /// Records the repositories that GitHub showed for these names, and binds names of `ALLOWED_REPOS` to them.
    pub(super) async fn take_shown(
        &self,
        shown: Vec<(RepoName, RepoSnapshot)>,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let facts: Vec<RepoSnapshot> = shown.iter().map(|(_, facts)| facts.clone()).collect();
        self.forget_unseen(shown.iter().map(|(name, _)| name));
        self.forget_unseen(facts.iter().map(|facts| &facts.name));
        self.note(Command::system(Action::RecordRepos(facts)).under(lease))
            .await?;
        let setting = match &self.allowed {
            Scope::All => None,
            Scope::Only(names) => Some(names),
        };
        for (name, facts) in shown {
            let bound = self.bound_id(&name).is_some();
            let bind = !bound && setting.is_some_and(|names| names.contains(&name));
            if bind || name != facts.name {
                let github_id = facts.github_id;
                let action = Action::NameRepo {
                    name,
                    github_id,
                    bind,
                };
                self.note(Command::system(action).under(lease)).await?;
            }
        }
        self.refresh_allowed().await?;
        Ok(())
    }

    /// Reads a repository that the mirror does not have.
    pub(crate) async fn learn_repo(&self, repo: &RepoName) -> Result<(), Failure> {
        match self.shown_or_refused(repo).await? {
            None => Ok(()),
            Some(_) => Err(Failure::RepoNotFound { repo: repo.clone() }),
        }
    }

    /// Requests a repository from GitHub and records it. Returns GitHub's status if it does not show the repository.
    pub(super) async fn shown_or_refused(&self, repo: &RepoName) -> Result<Option<u16>, Failure> {
        match self.github.repo(repo).await {
            Ok(facts) => {
                let bound = self.bound_id(repo);
                if bound.is_some_and(|id| id != facts.github_id) {
                    // Another repository has taken the name.
                    return Err(Failure::RepoNotAllowed { repo: repo.clone() });
                }
                self.take_shown(vec![(repo.clone(), facts)], None).await?;
                Ok(None)
            }
            Err(error) => match refusal(&error) {
                Some(status) => Ok(Some(status)),
                None => Err(error.into()),
            },
        }
    }
}
