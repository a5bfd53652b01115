//! The first sync of a repository, done by one process for all waiting callers.

use std::pin::pin;
use std::sync::atomic::Ordering;

use super::Service;
use super::sync::OVERLAP;
use super::timeout::within;
use super::unknown_repos::refusal;
use crate::domain::access::Scope;
use crate::domain::failure::Failure;
use crate::domain::lease::{LeaseOutcome, LeaseProof};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFault;
use crate::domain::time::Millis;
use crate::engine::command::{Action, Answer, Command, Reading};
use crate::ports::github::{IssueList, UnreadableRepo};

/// How long an abandoned first sync keeps others from starting it again.
pub(super) const LEASE: Millis = Millis::seconds(30);
/// How often a running first sync renews its lease.
const RENEW: Millis = Millis::seconds(10);
/// How often a waiting caller checks whether it has ended.
pub(super) const LOOK: Millis = Millis(100);
/// How often a caller checks before it is told to retry later.
pub(super) const LOOKS: u32 = 300;
/// How many times all pages are read if an issue closed during the read and rows moved between pages.
const PASSES: u32 = 3;

impl Service {
    /// Makes sure that the open issues of these repositories are in the mirror, or without repositories, that their list is.
    pub(super) async fn ensure_synced(&self, repos: &[RepoName]) -> Result<(), Failure> {
        if repos.is_empty() {
            return self.once("first-sync:*", None).await;
        }
        for repo in repos {
            self.once(&format!("first-sync:{}", repo.key()), Some(repo))
                .await?;
        }
        Ok(())
    }

    async fn once(&self, lease: &str, repo: Option<&RepoName>) -> Result<(), Failure> {
        // Several calls of one process may arrive at the same time. The lease must distinguish them like processes.
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let holder = format!("{}/{turn}", self.holder);
        for _ in 0..LOOKS {
            if self.gap(repo).await?.is_none() {
                return Ok(());
            }
            match self.lease_for(&holder, lease, LEASE).await? {
                LeaseOutcome::Acquired(proof) => {
                    let result = self.keeping(&proof, self.fill(repo, &proof)).await;
                    self.release_lease(proof).await?;
                    match result {
                        // The work took so long that another process has started it again.
                        Err(Failure::LeaseLost(_)) => {}
                        result => return result,
                    }
                }
                LeaseOutcome::Held { .. } => self.clock.sleep(LOOK).await,
            }
        }
        Err(Failure::NotSynced)
    }

    /// What the mirror lacks of a repository, or of the list of repositories.
    async fn gap(&self, repo: Option<&RepoName>) -> Result<Option<MissingData>, Failure> {
        let Some(repo) = repo else {
            let repos = self.store.repos().await?;
            let known = repos.iter().any(|count| count.repo.facts.github_id != 0);
            return Ok((!known).then_some(MissingData::Repos));
        };
        Ok(match self.store.repo(repo).await? {
            None => Some(MissingData::Repos),
            Some(row) if row.synced_at.is_some() || !row.offered => None,
            Some(row) => Some(MissingData::Issues(Box::new(row))),
        })
    }

    async fn fill(&self, repo: Option<&RepoName>, lease: &LeaseProof) -> Result<(), Failure> {
        // Checked again under the lease, because its previous holder may have filled the mirror.
        match self.gap(repo).await? {
            None => Ok(()),
            Some(MissingData::Repos) => self.record_repos(Some(lease)).await.map(drop),
            Some(MissingData::Issues(row)) => {
                let read = self.first_sync(&row, Some(lease)).await;
                self.heed(&row.facts.name, &read);
                read
            }
        }
    }

    /// Runs work that may take longer than its lease, and renews the lease meanwhile.
    pub(super) async fn keeping<T>(&self, proof: &LeaseProof, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            if let Some(done) = within(&*self.clock, RENEW, work.as_mut()).await {
                return done;
            }
            // If the renewal fails, the next write of the work fails.
            let _ = self.lease_for(proof.holder(), proof.name(), LEASE).await;
        }
    }

    /// Takes or renews a lease for this process.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn acquire_lease(&self, name: &str, length: Millis) -> Result<LeaseOutcome, Failure> {
        self.lease_for(&self.holder, name, length).await
    }

    pub(super) async fn lease_for(
        &self,
        holder: &str,
        name: &str,
        length: Millis,
    ) -> Result<LeaseOutcome, Failure> {
        let action = Action::AcquireLease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            length,
        };
        match self.note(Command::system(action)).await? {
            Answer::Lease(taken) => Ok(taken),
            other => Err(Failure::Internal(format!("a lease came to {other:?}"))),
        }
    }

    /// Releases a lease.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn release_lease(&self, proof: LeaseProof) -> Result<(), Failure> {
        self.note(Command::system(Action::ReleaseLease(proof)))
            .await
            .map(drop)
    }

    /// Reads the repositories from GitHub: the allowed ones one by one, or all that the credential sees. Returns the allowed
    /// ones that GitHub did not show.
    pub(super) async fn record_repos(
        &self,
        lease: Option<&LeaseProof>,
    ) -> Result<Vec<SyncFault>, Failure> {
        let names = match &self.allowed {
            Scope::All => {
                let listed = self.list_repos_on_github().await?;
                self.forget_unseen(listed.repos.iter().map(|facts| &facts.name));
                self.note(Command::system(Action::RecordRepos(listed.repos)).under(lease))
                    .await?;
                let fault = |row: UnreadableRepo| {
                    let reason = format!("a row that cannot be read: {}", row.reason);
                    SyncFault::new(row.name.as_ref(), None, &reason)
                };
                return Ok(listed.unreadable.into_iter().map(fault).collect());
            }
            Scope::Only(names) => names,
        };
        let (mut shown, mut faults, mut failed) = (Vec::new(), Vec::new(), None);
        for name in names {
            match self.allowed_repo(name).await {
                Ok(found) => shown.push((name.clone(), found)),
                Err(error) => {
                    faults.push(SyncFault::new(Some(name), None, &error.to_string()));
                    if refusal(&error).is_some() {
                        self.mark_allowed_unavailable(name, lease).await?;
                    } else {
                        failed = failed.or(Some(error));
                    }
                }
            }
        }
        // A failure of one repository says nothing about the others.
        if let Some(error) = failed.filter(|_| shown.is_empty()) {
            return Err(error.into());
        }
        self.take_shown(shown, lease).await?;
        Ok(faults)
    }

    /// Reads all open issues of a repository, one transaction per page.
    pub(super) async fn first_sync(
        &self,
        repo: &Repo,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let name = &repo.facts.name;
        self.meet_policy(repo, lease).await?;
        for pass in 1..=PASSES {
            let began = self.clock.now();
            let open = self
                .read_pages(name, IssueList::Open, None, lease)
                .await?
                .ok_or(Failure::NotSynced)?;
            let listed = open.open_pulls.iter().copied().collect();
            self.forget_pulls(name, &listed, lease).await?;
            // If GitHub has no open issue, the next poll starts a little before this one, on GitHub's clock.
            let watermark = open.newest.unwrap_or_else(|| {
                let github_time = began.plus(self.github.skew());
                github_time.minus(Millis::minutes(5))
            });
            let since = IssueList::ChangedSince(watermark.minus(OVERLAP));
            let meanwhile = self
                .read_pages(name, since, None, lease)
                .await?
                .ok_or(Failure::NotSynced)?;
            if meanwhile.closed == 0 || pass == PASSES {
                // If a row could not be read, the sync reads everything again and names that row.
                let gaps = !open.unreadable.is_empty() || !meanwhile.unreadable.is_empty();
                let reading = Reading { full: !gaps, gaps };
                // An issue that somebody's pull request closes is not to be handed out meanwhile. What fails is tried and told by
                // the next sync.
                self.follow_open_pulls(name, lease).await?;
                return self
                    .finish_poll(name, began, watermark, &meanwhile, reading, lease)
                    .await;
            }
        }
        Ok(())
    }
}

/// What the mirror lacks.
enum MissingData {
    /// The repository, or all repositories.
    Repos,
    /// Its open issues.
    Issues(Box<Repo>),
}
