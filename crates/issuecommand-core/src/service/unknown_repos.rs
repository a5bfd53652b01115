//! Deliveries of unknown repositories. The hook of an organization reports all of its repositories, including those that the
//! credential cannot see.

use super::Service;
use super::timeout::within;
use super::warnings::Unseen;
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::lease::LeaseProof;
use crate::domain::repo::{Repo, RepoSnapshot};
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::{GithubEvent, Ignored, Refetch, RepoRef};
use crate::engine::command::{Action, Command};

/// How long a delivery waits for GitHub to show its repository.
const PATIENCE: Millis = Millis::seconds(2);
/// How long GitHub's refusal is cached, so that not every delivery sends a request.
const BELIEVED: Millis = Millis::minutes(10);
/// How long after a failed request for a repository none is sent, so that not every delivery waits.
const UNREACHED: Millis = Millis::minutes(1);
/// The most repositories with a failed request; at this size all are forgotten and requested again.
const UNREACHED_KEPT: usize = 1000;
/// The most repositories known only from deliveries that one sync run requests.
const UNSEEN_ASKED: usize = 20;

/// The status of a repository that a delivery named.
enum Met {
    /// It is known, or outside of the allowed scope.
    Known,
    /// The request to GitHub failed.
    Unreachable,
    /// A request failed a moment ago, and none is sent yet.
    Awaited,
    /// GitHub does not show it: 403, 404, 410, 451.
    Unseen(u16),
}

impl Service {
    /// Requests the unknown repositories of a delivery from GitHub before the delivery is applied. If GitHub refuses to show
    /// the repository, the delivery is ignored. If the request fails, the delivery is applied, but no issue is offered until
    /// GitHub has shown the repository.
    ///
    /// Returns the event to apply, and the repository to request later after a failed request.
    pub(super) async fn meet(
        &self,
        meaning: GithubEvent,
    ) -> Result<(GithubEvent, Option<Refetch>), Failure> {
        let Some(seen) = meaning.repo() else {
            return Ok((meaning, None));
        };
        let later = match self.met(seen).await? {
            Met::Known | Met::Awaited => None,
            Met::Unreachable => Some(Refetch::Repo(seen.name.clone())),
            Met::Unseen(status) => {
                let words = format!(
                    "repository {} cannot be seen by the credential (GitHub answers {status})",
                    seen.name
                );
                return Ok((GithubEvent::Ignored(Ignored::Other(words)), None));
            }
        };
        if let GithubEvent::Transferred {
            from, to, arrived, ..
        } = &meaning
        {
            // The other end of a transfer must only be known, so that the claim can move there.
            self.met(if *arrived { from } else { to }).await?;
        }
        Ok((meaning, later))
    }

    async fn met(&self, seen: &RepoRef) -> Result<Met, Failure> {
        let system = self.scoped(&Caller::system());
        let known = if let Some(facts) = &seen.facts {
            self.store.repo_on_github(facts.github_id).await?
        } else {
            let named = self.store.repo(&seen.name).await?;
            named.filter(|repo| repo.facts.github_id != 0)
        };
        // A repository that was never read is known only from deliveries. They do not show whether the credential can see it.
        let shown = |repo: &Repo| repo.offered || repo.facts.archived || repo.synced_at.is_some();
        if known.as_ref().is_some_and(shown) || !system.scope.has(&seen.name) {
            return Ok(Met::Known);
        }
        let now = self.clock.now();
        let before = self.findings().unseen.get(seen.name.key()).cloned();
        let github_id = seen.facts.as_ref().map(|facts| facts.github_id);
        let lasts = |unseen: &Unseen| {
            unseen.github_id == github_id && unseen.at <= now && now <= unseen.at.plus(BELIEVED)
        };
        if let Some(unseen) = before.filter(lasts) {
            return Ok(Met::Unseen(unseen.status));
        }
        let waits = |at: &Timestamp| *at <= now && now < at.plus(UNREACHED);
        if known.is_some()
            && self
                .findings()
                .unreached
                .get(seen.name.key())
                .is_some_and(waits)
        {
            return Ok(Met::Awaited);
        }
        match within(&*self.clock, PATIENCE, self.ask_for(seen)).await {
            Some(Ok(facts)) => {
                let asked = if facts.name == seen.name || seen.facts.is_none() {
                    seen.name.clone()
                } else {
                    facts.name.clone()
                };
                self.take_shown(vec![(asked, facts)], None).await?;
                Ok(Met::Known)
            }
            Some(Err(error)) => match refusal(&error) {
                Some(status) => {
                    // An unknown repository has no row: the row of that name may be another repository's.
                    match known {
                        Some(repo) => {
                            let name = &repo.facts.name;
                            self.mark_unseen_unavailable(seen, name, status, None)
                                .await?;
                        }
                        None => self.remember_refused(seen, status),
                    }
                    Ok(Met::Unseen(status))
                }
                None => Ok(self.unreached(&seen.name, now)),
            },
            None => Ok(self.unreached(&seen.name, now)),
        }
    }

    fn unreached(&self, name: &RepoName, now: Timestamp) -> Met {
        let mut findings = self.findings();
        if findings.unreached.len() >= UNREACHED_KEPT {
            findings.unreached.clear();
        }
        findings.unreached.insert(name.key().to_owned(), now);
        Met::Unreachable
    }

    fn remember_refused(&self, seen: &RepoRef, status: u16) {
        self.remember_unseen(Unseen {
            name: seen.name.clone(),
            status,
            github_id: seen.facts.as_ref().map(|facts| facts.github_id),
            at: self.clock.now(),
        });
    }

    /// Handles a repository that deliveries name and GitHub does not show: its data is not served any more, and a warning says
    /// so. `name` is its name in the mirror.
    async fn mark_unseen_unavailable(
        &self,
        told: &RepoRef,
        name: &RepoName,
        status: u16,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        self.remember_refused(told, status);
        if self.store.repo(name).await?.is_none() {
            return Ok(());
        }
        self.note(Command::system(Action::MarkRepoUnavailable(name.clone())).under(lease))
            .await
            .map(drop)
    }

    /// Requests the repositories known only from deliveries. Those that GitHub shows become ordinary ones, those that it
    /// refuses are withdrawn. Without an answer they stay as they are.
    pub(super) async fn ask_for_unseen(
        &self,
        scope: &Scope,
        lease: &LeaseProof,
    ) -> Result<(), Failure> {
        let system = self.scoped(&Caller::system());
        let repos = self.store.repos().await?.into_iter();
        let unseen = repos.map(|count| count.repo).filter(|repo| {
            let name = &repo.facts.name;
            repo.unseen && !name.is_unnamed() && scope.has(name) && system.scope.has(name)
        });
        for repo in unseen.take(UNSEEN_ASKED) {
            let told = told_of(repo);
            let asked = match &told.facts {
                None => self.github.repo(&told.name).await,
                Some(facts) => self.github.repo_by_id(facts.github_id).await,
            };
            match asked {
                Ok(facts) => {
                    self.take_shown(vec![(told.name, facts)], Some(lease))
                        .await?;
                }
                Err(error) => match refusal(&error) {
                    Some(status) => {
                        self.mark_unseen_unavailable(&told, &told.name, status, Some(lease))
                            .await?;
                    }
                    // The remaining repositories wait for the next run too.
                    None => break,
                },
            }
        }
        Ok(())
    }

    /// Requests the repository of a delivery after the delivery was answered.
    pub(super) async fn settle_repo(&self, name: &RepoName) -> Result<(), Failure> {
        let unseen = self.store.repo(name).await?.filter(|repo| repo.unseen);
        match (self.shown_or_refused(name).await?, unseen) {
            (None, _) => self.notify_holders(None).await,
            (Some(status), Some(repo)) => {
                self.mark_unseen_unavailable(&told_of(repo), name, status, None)
                    .await
            }
            (Some(_), None) => {
                let action = Action::MarkRepoUnavailable(name.clone());
                self.note(Command::system(action)).await.map(drop)
            }
        }
    }

    /// The repository with the delivery's id, under any name, because the name may have changed hands since.
    async fn ask_for(&self, seen: &RepoRef) -> Result<RepoSnapshot, GithubError> {
        let by_name = self.github.repo(&seen.name).await;
        match (&seen.facts, by_name) {
            (Some(facts), Ok(found)) if found.github_id != facts.github_id => {
                self.github.repo_by_id(facts.github_id).await
            }
            (_, by_name) => by_name,
        }
    }
}

/// The reference to a repository that is known only from deliveries; without facts if they gave no id.
fn told_of(repo: Repo) -> RepoRef {
    RepoRef {
        name: repo.facts.name.clone(),
        facts: Some(repo.facts).filter(|facts| facts.github_id != 0),
    }
}

/// The status by which GitHub refuses to show something to this credential. A rejected credential (401) and a rate limit say
/// nothing about a repository.
pub(super) fn refusal(error: &GithubError) -> Option<u16> {
    match (error.kind, error.status) {
        (GithubErrorKind::Limited, _) => None,
        (_, Some(status @ (403 | 404 | 410 | 451))) => Some(status),
        (GithubErrorKind::NotFound, _) => Some(404),
        _ => None,
    }
}
