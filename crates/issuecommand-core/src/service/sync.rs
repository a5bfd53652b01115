//! The background's rounds: following GitHub, and minding the time.

use super::Service;
use crate::command::{Action, Answer, Command};
use crate::event::SyncTally;
use crate::failure::{Failure, GithubErrorKind};
use crate::github::IssueList;
use crate::lease::LeaseProof;
use crate::repo::Repo;

/// What a run of the sync came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// What it saw and did.
    pub tally: SyncTally,
    /// Repositories that did not answer completely, each with the reason; they stay as they were.
    pub failed: Vec<(String, String)>,
}

impl Service {
    /// Follows GitHub once: the list of repositories, then each of them, then the clock.
    ///
    /// # Errors
    /// The store's, and a lost lease. What GitHub refuses is in the report and changes nothing.
    pub async fn sync(&self, lease: &LeaseProof) -> Result<SyncReport, Failure> {
        let mut report = SyncReport::default();
        match self.see_repos(Some(lease)).await {
            Ok(()) => {}
            Err(Failure::Github(error)) => report
                .failed
                .push(("repositories".to_owned(), error.to_string())),
            Err(failure @ Failure::CannotListRepos { .. }) => report
                .failed
                .push(("repositories".to_owned(), failure.to_string())),
            Err(failure) => return Err(failure),
        }
        let caller = self.scoped(&crate::command::Caller::system());
        let mut scanned = Vec::new();
        for count in self.store.repos().await? {
            let repo = count.repo;
            if repo.facts.archived || !caller.scope.has(&repo.facts.name) {
                continue;
            }
            match self.poll(&repo, lease, &mut report.tally).await {
                Ok(()) => scanned.push(repo.id),
                Err(Failure::Github(error)) => {
                    report
                        .failed
                        .push((repo.facts.name.to_string(), error.to_string()));
                }
                Err(Failure::NotSynced) => {
                    report.failed.push((
                        repo.facts.name.to_string(),
                        "another process fills its mirror".to_owned(),
                    ));
                }
                Err(failure) => return Err(failure),
            }
        }
        // What webhooks would have told is looked for as well: not everybody has them, and no delivery is sure to come.
        for pull in self.store.linked_pulls().await? {
            if !caller.scope.has(&pull.repo) {
                continue;
            }
            match self.poll_pull(&pull, Some(lease)).await {
                Ok(()) => {}
                Err(Failure::Github(error)) => {
                    report
                        .failed
                        .push((format!("{}#{}", pull.repo, pull.number), error.to_string()));
                }
                Err(failure) => return Err(failure),
            }
        }
        let swept = self.sweep(lease).await?;
        let tally = &mut report.tally;
        tally.stale_marked = swept.stale_marked;
        tally.stale_auto_released = swept.stale_auto_released;
        tally.repos_scanned = scanned.len() as u64;
        let counts = self.store.repos().await?;
        tally.open_issues_seen = counts
            .iter()
            .filter(|c| scanned.contains(&c.repo.id))
            .map(|c| c.open)
            .sum();
        self.note(Command::system(Action::FinishSync(*tally)).under(Some(lease)))
            .await?;
        Ok(report)
    }

    /// Brings one repository up to date; a quiet one costs one unchanged answer.
    async fn poll(
        &self,
        repo: &Repo,
        lease: &LeaseProof,
        tally: &mut SyncTally,
    ) -> Result<(), Failure> {
        let name = &repo.facts.name;
        let result = match (repo.synced_at, repo.watermark) {
            (Some(_), Some(watermark)) => self.follow(repo, watermark, lease, tally).await,
            _ => self.ensure_synced(std::slice::from_ref(name)).await,
        };
        if let Err(Failure::Github(error)) = &result {
            // A repository that was never synced, and that we may not read, must not keep everybody waiting for it.
            let refused = error.kind == GithubErrorKind::Refused && repo.synced_at.is_none();
            if refused || error.kind == GithubErrorKind::NotFound {
                let action = Action::LoseRepo(name.clone());
                self.note(Command::system(action).under(Some(lease)))
                    .await?;
            }
        }
        result
    }

    async fn follow(
        &self,
        repo: &Repo,
        watermark: crate::time::Timestamp,
        lease: &LeaseProof,
        tally: &mut SyncTally,
    ) -> Result<(), Failure> {
        let (name, began) = (&repo.facts.name, self.clock.now());
        let list = IssueList::ChangedSince(watermark);
        let Some(read) = self
            .read_pages(name, list, repo.etag.as_deref(), Some(lease))
            .await?
        else {
            let (watermark, etag) = (repo.watermark, repo.etag.clone());
            let action = Action::FinishPoll {
                repo: name.clone(),
                began,
                watermark,
                etag,
            };
            return self
                .note(Command::system(action).under(Some(lease)))
                .await
                .map(drop);
        };
        tally.newly_opened_issues += read.opened;
        tally.externally_closed_claims += read.ended;
        tally.metadata_updates += read.metadata;
        self.finish_poll(name, began, watermark, &read, Some(lease))
            .await
    }

    /// Minds the time: marks what is stale, releases what has been for too long, trims what is kept too long.
    ///
    /// # Errors
    /// The store's, and a lost lease.
    pub async fn sweep(&self, lease: &LeaseProof) -> Result<SyncTally, Failure> {
        let mut sum = SyncTally::default();
        loop {
            match self
                .note(Command::system(Action::Sweep).under(Some(lease)))
                .await?
            {
                Answer::Tally { tally, more, .. } => {
                    sum.stale_marked += tally.stale_marked;
                    sum.stale_auto_released += tally.stale_auto_released;
                    if !more {
                        return Ok(sum);
                    }
                }
                other => return Err(Failure::Internal(format!("a sweep came to {other:?}"))),
            }
        }
    }

    /// Computes priorities anew, where the table changed since they were computed.
    ///
    /// # Errors
    /// The store's, and a lost lease.
    pub async fn rerank(&self, lease: &LeaseProof) -> Result<(), Failure> {
        let mut after = None;
        while let Answer::Reranked(Some(last)) = self
            .note(Command::system(Action::Rerank(after)).under(Some(lease)))
            .await?
        {
            after = Some(last);
        }
        Ok(())
    }
}
