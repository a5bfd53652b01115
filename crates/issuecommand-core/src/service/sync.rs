//! The sync: brings the mirror up to date with GitHub.

use std::collections::BTreeSet;
use std::fmt;

use super::Service;
use super::repo_policies::PolicyLook;
use crate::domain::access::{Caller, Scope};
use crate::domain::event::SyncStats;
use crate::domain::failure::Failure;
use crate::domain::lease::LeaseProof;
use crate::domain::pull_request::LinkedPull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::{SyncFault, SyncRun};
use crate::domain::time::{Millis, Timestamp};
use crate::engine::command::{Action, Command, Reading};
use crate::ports::github::IssueList;

/// How far before the watermark a poll begins, because a change may appear in lists with a delay.
pub(super) const OVERLAP: Millis = Millis::minutes(60);

/// The result of a sync run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Counts of what the run saw and did.
    pub tally: SyncStats,
    /// What could not be read, each with the reason. It stays as it was in the mirror.
    pub failed: Vec<SyncFault>,
}

/// An observer of all sync runs of this process, scheduled or requested.
pub trait SyncWatch: Send + Sync + fmt::Debug {
    /// Called when a run has ended, with its duration.
    fn ended(&self, took: Millis, result: &Result<SyncReport, Failure>);
}

/// The extent of a sync run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SyncRequest {
    /// Only these repositories are synced.
    pub(super) scope: Scope,
    /// Reads every issue again, even if that is not due.
    pub(super) full: bool,
    /// Somebody asked for it, so that repositories' policies are looked at.
    pub(super) asked: bool,
}

/// The most repositories without a name that one run requests.
const UNNAMED_ASKED: usize = 20;

impl Service {
    /// Syncs once: the list of repositories, then each repository, then the sweep.
    ///
    /// # Errors
    /// The store's errors and a lost lease. GitHub's errors are in the report and change nothing.
    pub async fn sync(&self, lease: &LeaseProof) -> Result<SyncReport, Failure> {
        self.sync_as(&SyncRequest::default(), lease).await
    }

    pub(super) async fn sync_as(
        &self,
        request: &SyncRequest,
        lease: &LeaseProof,
    ) -> Result<SyncReport, Failure> {
        let begun = self.clock.now();
        let result = self.follow_github(request, lease).await;
        if let Some(watch) = &self.watch {
            watch.ended(Millis((self.clock.now().0 - begun.0).max(0)), &result);
        }
        result
    }

    async fn follow_github(
        &self,
        request: &SyncRequest,
        lease: &LeaseProof,
    ) -> Result<SyncReport, Failure> {
        let mut report = SyncReport::default();
        let listed = self.list_for(&request.scope, lease, &mut report).await?;
        self.ask_for_unseen(&request.scope, lease).await?;
        let known = self.store.health(&Scope::All).await?;
        let (repos, pulls) = self.in_scope(&request.scope).await?;
        let mut scanned = Vec::new();
        for repo in &repos {
            match self
                .sync_repo(repo, request.full, lease, &mut report.tally)
                .await
            {
                Ok(faults) => {
                    scanned.push(repo.id);
                    report.failed.extend(faults);
                    let look = self.policy_look(repo, request);
                    let policy = self.sync_policy(repo, look, Some(lease)).await?;
                    report.failed.extend(policy);
                    self.look_again(repo, &known.sync_failures, &pulls, lease, &mut report)
                        .await?;
                }
                Err(failure) => {
                    let fault = fault_of(repo, failure)?;
                    if !report.failed.iter().any(|known| known.same_subject(&fault)) {
                        report.failed.push(fault);
                    }
                }
            }
        }
        self.notify_holders(Some(lease)).await?;
        // Polls also cover what webhooks report, because not every installation has webhooks and deliveries can be lost.
        for pull in &pulls {
            match self.poll_pull(pull, Some(lease)).await {
                Ok(faults) => report.failed.extend(faults),
                Err(Failure::Github(error)) => {
                    let (repo, number) = (Some(&pull.repo), Some(pull.number));
                    let fault = SyncFault::new(repo, number, &error.to_string());
                    report.failed.push(fault);
                }
                Err(failure) => return Err(failure),
            }
        }
        self.sync_dependencies(lease).await?;
        self.sync_authors(lease).await?;
        self.sync_login(lease).await?;
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
        let run = SyncRun {
            scope: request.scope.clone(),
            read: !scanned.is_empty() || (listed && repos.is_empty()),
            faults: report.failed.clone(),
        };
        let (tally, run) = (*tally, Box::new(run));
        self.note(Command::system(Action::FinishSync { tally, run }).under(Some(lease)))
            .await?;
        Ok(report)
    }

    /// Whether a run looks at a repository's policy whenever it did so last. The first reading of its issues has just done so.
    fn policy_look(&self, repo: &Repo, request: &SyncRequest) -> PolicyLook {
        let whole = repo.synced_at.is_some()
            && repo.is_due_for_full_reading(self.clock.now(), self.full_sync);
        if whole || request.full || request.asked {
            PolicyLook::Now
        } else {
            PolicyLook::InTime
        }
    }

    /// Reads the repositories of a run. Returns whether GitHub listed them.
    async fn list_for(
        &self,
        scope: &Scope,
        lease: &LeaseProof,
        report: &mut SyncReport,
    ) -> Result<bool, Failure> {
        let Scope::Only(repos) = scope else {
            let fault = match self.record_repos(Some(lease)).await {
                Ok(faults) => {
                    self.ask_for_names(lease).await?;
                    let listed = faults.is_empty();
                    report.failed.extend(faults);
                    return Ok(listed);
                }
                Err(Failure::Github(error)) => SyncFault::new(None, None, &error.to_string()),
                Err(failure @ Failure::CannotListRepos { .. }) => {
                    SyncFault::new(None, None, &failure.to_string())
                }
                Err(failure) => return Err(failure),
            };
            report.failed.push(fault);
            return Ok(false);
        };
        for repo in repos {
            let reason = match self.learn_repo(repo).await {
                Ok(()) => continue,
                Err(Failure::Github(error)) => error.to_string(),
                Err(Failure::RepoNotFound { .. }) => "GitHub shows no such repository".to_owned(),
                Err(failure @ Failure::RepoNotAllowed { .. }) => failure.to_string(),
                Err(failure) => return Err(failure),
            };
            report
                .failed
                .push(SyncFault::new(Some(repo), None, &reason));
        }
        Ok(report.failed.is_empty())
    }

    /// Requests repositories by id whose names now belong to others, to learn their present names.
    async fn ask_for_names(&self, lease: &LeaseProof) -> Result<(), Failure> {
        let repos = self.store.repos().await?.into_iter();
        let unnamed = repos.filter(|count| count.repo.facts.name.is_unnamed());
        let ids = unnamed.map(|count| count.repo.facts.github_id);
        for github_id in ids.filter(|id| *id != 0).take(UNNAMED_ASKED) {
            // A repository that GitHub does not show stays as it is: its claims are kept, and none of its issues is offered.
            if let Ok(facts) = self.github.repo_by_id(github_id).await {
                let action = Action::RecordRepos(vec![facts]);
                self.note(Command::system(action).under(Some(lease)))
                    .await?;
            }
        }
        Ok(())
    }

    /// The repositories and pull requests in the scope of a run.
    async fn in_scope(&self, scope: &Scope) -> Result<(Vec<Repo>, Vec<LinkedPull>), Failure> {
        let caller = self.scoped(&Caller::system());
        let mut named = BTreeSet::new();
        if let Scope::Only(names) = scope {
            for name in names {
                // The name may be a former one.
                named.extend(self.store.repo(name).await?.map(|repo| repo.id));
            }
        }
        let wanted = |repo: &Repo| {
            let here = *scope == Scope::All || named.contains(&repo.id);
            let name = &repo.facts.name;
            here && !repo.facts.archived && !name.is_unnamed() && caller.scope.has(name)
        };
        let repos = self.store.repos().await?.into_iter();
        let repos: Vec<Repo> = repos.map(|count| count.repo).filter(wanted).collect();
        let mut pulls = self.store.linked_pulls().await?;
        pulls.retain(|pull| {
            let here = *scope == Scope::All;
            caller.scope.has(&pull.repo)
                && !pull.repo.is_unnamed()
                && (here || repos.iter().any(|repo| repo.facts.name == pull.repo))
        });
        Ok((repos, pulls))
    }

    /// Brings one repository up to date. An unchanged one costs one 304. Returns what could not be read.
    async fn sync_repo(
        &self,
        repo: &Repo,
        full: bool,
        lease: &LeaseProof,
        tally: &mut SyncStats,
    ) -> Result<Vec<SyncFault>, Failure> {
        let name = &repo.facts.name;
        let now = self.clock.now();
        // A watermark in the future, stored before such times were excluded, hides later changes.
        let ahead = now.plus(self.github.skew()).plus(Millis::minutes(1));
        let hidden = repo.watermark.is_some_and(|watermark| watermark > ahead);
        let full = full || hidden || repo.is_due_for_full_reading(now, self.full_sync);
        let result = match (repo.synced_at, repo.watermark) {
            (Some(_), Some(watermark)) if full => {
                self.read_whole(repo, watermark, Some(lease), tally).await
            }
            (Some(_), Some(watermark)) => self.follow(repo, watermark, lease, tally).await,
            _ => self.sync_first(name, lease, tally).await,
        };
        self.heed(name, &result);
        let mut faults = match result {
            Ok(faults) => faults,
            Err(failure) => {
                self.mark_refused_unavailable(repo, &failure, lease).await?;
                return Err(failure);
            }
        };
        if let Some(row) = self.compare_counts(repo, lease).await?
            && !full
            && let Some(watermark) = row.watermark
        {
            faults = self.read_whole(&row, watermark, Some(lease), tally).await?;
            self.compare_counts(&row, lease).await?;
        }
        faults.extend(self.follow_open_pulls(name, Some(lease)).await?);
        Ok(faults)
    }

    /// The first sync of a repository, and a second reading if rows of the first could not be read.
    async fn sync_first(
        &self,
        name: &RepoName,
        lease: &LeaseProof,
        tally: &mut SyncStats,
    ) -> Result<Vec<SyncFault>, Failure> {
        self.ensure_synced(std::slice::from_ref(name)).await?;
        match self.store.repo(name).await? {
            Some(row) if row.full_at.is_none() => match row.watermark {
                Some(watermark) => self.read_whole(&row, watermark, Some(lease), tally).await,
                None => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        }
    }

    async fn follow(
        &self,
        repo: &Repo,
        watermark: Timestamp,
        lease: &LeaseProof,
        tally: &mut SyncStats,
    ) -> Result<Vec<SyncFault>, Failure> {
        let (name, began) = (&repo.facts.name, self.clock.now());
        let list = IssueList::ChangedSince(watermark.minus(OVERLAP));
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
                reading: Reading::default(),
            };
            self.note(Command::system(action).under(Some(lease)))
                .await?;
            return Ok(Vec::new());
        };
        read.count_into(tally);
        let reading = Reading {
            full: false,
            gaps: !read.unreadable.is_empty(),
        };
        self.finish_poll(name, began, watermark, &read, reading, Some(lease))
            .await?;
        self.look_at_unreadable(name, &read.unreadable, Some(lease), tally)
            .await
    }
}

/// The entry of one repository's failure in the report. Any other failure ends the run.
fn fault_of(repo: &Repo, failure: Failure) -> Result<SyncFault, Failure> {
    let reason = match failure {
        Failure::Github(error) => error.to_string(),
        Failure::NotSynced => "another sync reads it now".to_owned(),
        failure @ Failure::IssuesUnreadable { .. } => failure.to_string(),
        other => return Err(other),
    };
    Ok(SyncFault::new(Some(&repo.facts.name), None, &reason))
}
