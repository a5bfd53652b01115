//! Deliveries of repositories that are not known here. A hook of an organization tells of all of its repositories, also of
//! those that the credential does not see.

use super::Service;
use super::race::within;
use super::warnings::Unseen;
use crate::failure::{Failure, GithubError, GithubErrorKind};
use crate::repo::RepoFacts;
use crate::time::Millis;
use crate::webhook::{Ignored, Look, Meaning, RepoSeen};

/// How long a delivery waits for GitHub to show its repository.
const PATIENCE: Millis = Millis::seconds(2);
/// How long GitHub's no is believed, so that not every delivery asks again.
const BELIEVED: Millis = Millis::minutes(10);

/// What became of a repository that a delivery named.
enum Met {
    /// It is known, or it is not for us to ask.
    Known,
    /// GitHub could not be asked.
    Unreachable,
    /// GitHub does not show it: 403, 404, 410, 451.
    Unseen(u16),
}

impl Service {
    /// Asks GitHub for the repositories of a delivery that are not known, before it is applied. What GitHub does not show is
    /// ignored. While it cannot be asked the delivery is served, and no issue is offered until GitHub has shown the repository.
    ///
    /// Gives what is to be applied, and the repository that GitHub is to be asked for later where it gave no answer.
    pub(super) async fn meet(&self, meaning: Meaning) -> Result<(Meaning, Option<Look>), Failure> {
        let Some(seen) = meaning.repo() else {
            return Ok((meaning, None));
        };
        let later = match self.met(seen).await? {
            Met::Known => None,
            Met::Unreachable => Some(Look::Repo(seen.name.clone())),
            Met::Unseen(status) => {
                let words = format!(
                    "repository {} cannot be seen by the credential (GitHub answers {status})",
                    seen.name
                );
                return Ok((Meaning::Ignored(Ignored::Other(words)), None));
            }
        };
        if let Meaning::Transferred {
            from, to, arrived, ..
        } = &meaning
        {
            // Of the other end only its being known matters: whether the claim can go there.
            self.met(if *arrived { from } else { to }).await?;
        }
        Ok((meaning, later))
    }

    async fn met(&self, seen: &RepoSeen) -> Result<Met, Failure> {
        let system = self.scoped(&crate::command::Caller::system());
        let known = if let Some(facts) = &seen.facts {
            self.store.repo_on_github(facts.github_id).await?
        } else {
            let named = self.store.repo(&seen.name).await?;
            named.filter(|repo| repo.facts.github_id != 0)
        };
        if known.is_some() || !system.scope.has(&seen.name) {
            return Ok(Met::Known);
        }
        let now = self.clock.now();
        let before = self.findings().unseen.get(seen.name.key()).cloned();
        let lasts = |unseen: &Unseen| unseen.at <= now && now <= unseen.at.plus(BELIEVED);
        if let Some(unseen) = before.filter(lasts) {
            return Ok(Met::Unseen(unseen.status));
        }
        match within(&*self.clock, PATIENCE, self.ask_for(seen)).await {
            Some(Ok(facts)) => {
                self.findings().unseen.remove(seen.name.key());
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
                    let (name, at) = (seen.name.clone(), now);
                    self.remember_unseen(Unseen { name, status, at });
                    Ok(Met::Unseen(status))
                }
                None => Ok(Met::Unreachable),
            },
            None => Ok(Met::Unreachable),
        }
    }

    /// The repository of that id, whatever it is called: a name may have changed hands since the delivery was sent.
    async fn ask_for(&self, seen: &RepoSeen) -> Result<RepoFacts, GithubError> {
        let by_name = self.github.repo(&seen.name).await;
        match (&seen.facts, by_name) {
            (Some(facts), Ok(found)) if found.github_id != facts.github_id => {
                self.github.repo_by_id(facts.github_id).await
            }
            (_, by_name) => by_name,
        }
    }
}

/// The status by which GitHub says that it does not show something to this credential. A credential that is refused as such
/// (401) and a rate limit say nothing of a repository.
pub(super) fn refusal(error: &GithubError) -> Option<u16> {
    match (error.kind, error.status) {
        (GithubErrorKind::Limited, _) => None,
        (_, Some(status @ (403 | 404 | 410 | 451))) => Some(status),
        (GithubErrorKind::NotFound, _) => Some(404),
        _ => None,
    }
}
