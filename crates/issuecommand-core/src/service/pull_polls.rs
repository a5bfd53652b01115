//! Polls of pull requests, for events whose deliveries are missing.

use super::Service;
use crate::domain::failure::{Failure, GithubErrorKind};
use crate::domain::issue::IssueLookup;
use crate::domain::lease::LeaseProof;
use crate::domain::pull_request::{LinkedPull, PullValidators};
use crate::domain::sync::SyncFault;
use crate::domain::webhook::{GithubEvent, Refetch};
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};
use crate::ports::github::UnreadableRow;

impl Service {
    /// Polls one pull request for what webhooks would have reported. Returns what could not be read.
    pub(super) async fn poll_pull(
        &self,
        pull: &LinkedPull,
        lease: Option<&LeaseProof>,
    ) -> Result<Vec<SyncFault>, Failure> {
        let mut pull = pull.clone();
        let (mut faults, again) = self.poll_once(&pull, lease).await?;
        if again {
            // A needed text is not stored any more, and its list is unchanged. So everything is read without validators.
            pull.validators = PullValidators::default();
            (faults, _) = self.poll_once(&pull, lease).await?;
        }
        Ok(faults)
    }

    /// Returns what could not be read, and whether all of it must be read again without validators.
    async fn poll_once(
        &self,
        pull: &LinkedPull,
        lease: Option<&LeaseProof>,
    ) -> Result<(Vec<SyncFault>, bool), Failure> {
        // The data is at least as new as this time on GitHub's clock.
        let began = self.clock.now().plus(self.github.skew());
        let news = match self.github.pull_news(pull).await {
            Ok(news) => news,
            Err(error) if error.kind == GithubErrorKind::NotFound => {
                if self.is_missing(pull).await? {
                    let validators = PullValidators::default();
                    self.finish_pull_poll(pull, validators, false, lease)
                        .await?;
                }
                return Ok((Vec::new(), false));
            }
            Err(error) => return Err(error.into()),
        };
        let mut again = false;
        for meaning in news.meanings {
            let mut meaning = self.with_author(self.with_viewer(meaning).await).await;
            if let GithubEvent::Feedback { voice, .. } = &mut meaning {
                voice.as_of = Some(began);
            }
            let command = Command::system(Action::ApplyPolledEvent(Box::new(meaning))).under(lease);
            match self.informed(command.skewed(self.github.skew())).await? {
                Outcome::Done(Answer::Delivery { look, .. }) => {
                    again |= matches!(look, Some(Refetch::Pull(..)));
                }
                Outcome::Missing(Missing::Lease(name)) => return Err(Failure::LeaseLost(name)),
                other => return Err(Failure::Internal(format!("news came to {other:?}"))),
            }
        }
        self.finish_pull_poll(pull, news.validators, true, lease)
            .await?;
        let fault = |row: UnreadableRow| {
            let reason = format!("a part that cannot be read: {}", row.reason);
            SyncFault::new(Some(&pull.repo), Some(pull.number), &reason)
        };
        // One fault is reported per pull request.
        let fault = news.unreadable.into_iter().next().map(fault);
        let faults = fault.into_iter().collect();
        Ok((
            faults,
            again && pull.validators != PullValidators::default(),
        ))
    }

    async fn finish_pull_poll(
        &self,
        pull: &LinkedPull,
        validators: PullValidators,
        shown: bool,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let (repo, number) = (pull.repo.clone(), pull.number);
        let action = Action::FinishPullPoll {
            repo,
            number,
            validators,
            shown,
        };
        self.note(Command::system(action).under(lease))
            .await
            .map(drop)
    }

    /// Whether a pull request with a 404 is really missing: GitHub shows its repository and no such issue either. If everything
    /// is 404, access was lost or the repository is gone, which proves nothing.
    async fn is_missing(&self, pull: &LinkedPull) -> Result<bool, Failure> {
        let as_issue = self.github.issue(&pull.repo, pull.number, None).await?;
        if as_issue == IssueLookup::PullRequest {
            return Ok(false);
        }
        let shown = match self.github.repo(&pull.repo).await {
            Ok(shown) => shown.github_id,
            Err(error) if error.kind == GithubErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        // Another repository may have the name by now.
        let known = self.store.repo(&pull.repo).await?;
        Ok(known.is_some_and(|known| known.facts.github_id == shown))
    }
}
