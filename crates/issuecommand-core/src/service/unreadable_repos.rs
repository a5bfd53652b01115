//! Repositories that GitHub shows, and whose issues it does not.

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

/// How long GitHub's refusal of a list is believed by callers, so that not every call asks again. The sync always asks.
const BELIEVED: Millis = Millis::minutes(1);
/// How long a sync waits for GitHub's word on the repository itself.
const PATIENCE: Millis = Millis::seconds(10);

/// What the refusal of a list of issues is, by the page that was refused. The first page speaks for the list. A later one does
/// not: the list was there a moment ago, and its end was not seen.
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
    /// Takes note of what reading the issues of a repository came to: whether GitHub refuses them.
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

    /// What GitHub refused of a repository a moment ago.
    pub(super) fn refused_lately(&self, repo: &RepoName) -> Option<Failure> {
        let now = self.clock.now();
        let unreadable = self.findings().unreadable.get(repo.key()).cloned()?;
        let lasts = unreadable.at <= now && now <= unreadable.at.plus(BELIEVED);
        lasts.then(|| unreadable.failure())
    }

    /// The repositories, of those that this caller may see and asks about, whose issues GitHub refuses.
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

    /// Forgets refusals that are over: another process has read the issues since then, or nothing of the repository is offered.
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

    /// These repositories, which could not be read, with what GitHub answered.
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

    /// What an agent that asks for issues must know of repositories whose issues cannot be read, in sentences; `repo` where it
    /// asks about one.
    ///
    /// # Errors
    /// The store's.
    pub async fn unreadable_warnings(
        &self,
        caller: &Caller,
        repo: Option<&RepoName>,
    ) -> Result<Vec<String>, Failure> {
        let unreadable = self.unreadable(caller, repo).await?;
        Ok(unreadable.iter().filter_map(UnreadRepo::words).collect())
    }

    /// GitHub refuses the issues of a repository. Where it does not show the repository either, nothing of it is offered any
    /// more; otherwise it stays, and its issues are missing with a warning.
    pub(super) async fn lose_where_shut(
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
