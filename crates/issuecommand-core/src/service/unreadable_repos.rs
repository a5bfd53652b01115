//! Repositories that GitHub shows while it refuses their issues.

use super::Service;
use super::timeout::within;
use super::unknown_repos::refusal;
use super::warnings::Unseen;
use crate::domain::access::Caller;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::lease::LeaseProof;
use crate::domain::refusal::UnreadRepo;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;
use crate::engine::command::{Action, Command};

/// How long GitHub's refusal of a list is cached for callers. The sync always asks.
const BELIEVED: Millis = Millis::minutes(1);
/// How long a sync waits for the repository itself.
const PATIENCE: Millis = Millis::seconds(10);

/// The failure for a refused list of issues, by page. A refusal of the first page holds for the list. A refusal of a later one
/// does not: the list existed a moment ago, and its end was not seen.
pub(super) fn of_list(repo: &RepoName, page: usize, error: GithubError) -> Failure {
    match refusal(&error) {
        Some(status) if page == 1 => Failure::IssuesUnreadable {
            repo: repo.clone(),
            status,
        },
        Some(status) => Failure::Github(GithubError {
            kind: GithubErrorKind::Unexpected,
            retry_after: None,
            status: None,
            detail: format!("page {page} of the list of issues of {repo} was answered by {status}"),
        }),
        None => error.into(),
    }
}

impl Service {
    /// Records whether GitHub refused the issues of a repository.
    pub(super) fn heed<T>(&self, repo: &RepoName, result: &Result<T, Failure>) {
        match result {
            Ok(_) => {
                self.findings().unreadable.remove(repo.key());
            }
            Err(Failure::IssuesUnreadable { repo, status }) => {
                let (name, status, at) = (repo.clone(), *status, self.clock.now());
                let unreadable = Unseen {
                    name,
                    status,
                    github_id: None,
                    at,
                };
                let mut findings = self.findings();
                findings
                    .unreadable
                    .insert(repo.key().to_owned(), unreadable);
            }
            Err(_) => {}
        }
    }

    /// GitHub's recent refusal of a repository's issues, if any.
    pub(super) fn refused_lately(&self, repo: &RepoName) -> Option<Failure> {
        let now = self.clock.now();
        let unreadable = self.findings().unreadable.get(repo.key()).cloned()?;
        let lasts = unreadable.at <= now && now <= unreadable.at.plus(BELIEVED);
        lasts.then(|| unreadable.failure())
    }

    /// The repositories in this caller's query and scope whose issues GitHub refuses.
    pub(super) async fn unreadable(
        &self,
        caller: &Caller,
        repo: Option<&RepoName>,
    ) -> Result<Vec<UnreadRepo>, Failure> {
        self.forget_readable().await?;
        let scope = self.scoped(caller).scope;
        let findings = self.findings();
        let asked = |unseen: &&Unseen| {
            repo.is_none_or(|repo| *repo == unseen.name) && scope.has(&unseen.name)
        };
        let unreadable = findings.unreadable.values().filter(asked);
        let unread = |unseen: &Unseen| UnreadRepo {
            repo: unseen.name.clone(),
            status: Some(unseen.status),
        };
        Ok(unreadable.map(unread).collect())
    }

    /// Forgets refusals that are over: another process has read the issues since, or the repository is not offered any more.
    pub(super) async fn forget_readable(&self) -> Result<(), Failure> {
        let known: Vec<Unseen> = self.findings().unreadable.values().cloned().collect();
        for unseen in known {
            let row = self.store.repo(&unseen.name).await?;
            let stands = row.is_some_and(|row| {
                row.offered && row.polled_at.is_none_or(|polled| polled <= unseen.at)
            });
            if !stands {
                self.findings().unreadable.remove(unseen.name.key());
            }
        }
        Ok(())
    }

    /// These unreadable repositories with GitHub's status.
    pub(super) fn unread(&self, repos: Vec<RepoName>) -> Vec<UnreadRepo> {
        let findings = self.findings();
        let unread = |repo: RepoName| UnreadRepo {
            status: findings
                .unreadable
                .get(repo.key())
                .map(|unseen| unseen.status),
            repo,
        };
        repos.into_iter().map(unread).collect()
    }

    /// Sentences for an agent about repositories whose issues cannot be read; `repo` if it asks about one.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn unreadable_warnings(
        &self,
        caller: &Caller,
        repo: Option<&RepoName>,
    ) -> Result<Vec<String>, Failure> {
        let unreadable = self.unreadable(caller, repo).await?;
        Ok(unreadable.iter().filter_map(UnreadRepo::words).collect())
    }

    /// Handles a refused list of issues. If GitHub refuses the repository too, its issues are not offered any more. Otherwise
    /// it stays, and a warning says that its issues are missing.
    pub(super) async fn mark_refused_unavailable(
        &self,
        repo: &Repo,
        failure: &Failure,
        lease: &LeaseProof,
    ) -> Result<(), Failure> {
        let Failure::IssuesUnreadable { .. } = failure else {
            return Ok(());
        };
        let name = &repo.facts.name;
        let shown = within(&*self.clock, PATIENCE, self.github.repo(name)).await;
        if let Some(Err(error)) = shown
            && refusal(&error).is_some()
        {
            self.findings().unreadable.remove(name.key());
            let action = Action::MarkRepoUnavailable(name.clone());
            self.note(Command::system(action).under(Some(lease)))
                .await?;
        }
        Ok(())
    }
}

impl Unseen {
    fn failure(&self) -> Failure {
        Failure::IssuesUnreadable {
            repo: self.name.clone(),
            status: self.status,
        }
    }

    pub(super) fn words(&self) -> String {
        format!("{}", self.failure())
    }
}
