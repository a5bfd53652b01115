//! Repairs what the lists missed: complete readings, single issues, and GitHub's own count.
//!
//! The absence of an issue from a list proves nothing. The issue is requested by itself, and that answer counts.

use std::collections::BTreeSet;

use super::Service;
use super::sync::{OVERLAP, SyncReport};
use crate::domain::event::SyncStats;
use crate::domain::failure::{Failure, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{IssueLookup, WithheldReason};
use crate::domain::lease::LeaseProof;
use crate::domain::pull_request::{LinkedPull, ListedPull};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::{SyncFailure, SyncFault};
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Answer, Command, Reading};
use crate::ports::github::{IssueList, UnreadableRow};

/// The most single issues of a repository that one reading requests.
const LOOKS: usize = 100;

impl Service {
    /// Reads all open issues of a repository that was synced before, then changes since its watermark, then each issue that is
    /// open in the mirror and missing from the lists.
    pub(super) async fn read_whole(
        &self,
        repo: &Repo,
        watermark: Timestamp,
        lease: Option<&LeaseProof>,
        tally: &mut SyncStats,
    ) -> Result<Vec<SyncFault>, Failure> {
        let (name, began) = (&repo.facts.name, self.clock.now());
        let unconditional = |read: Option<_>| read.ok_or(Failure::NotSynced);
        let open = self.read_pages(name, IssueList::Open, None, lease);
        let open = unconditional(open.await?)?;
        open.count_into(tally);
        let listed = open.open_pulls.iter().copied().collect();
        self.forget_pulls(name, &listed, lease).await?;
        let list = IssueList::ChangedSince(watermark.minus(OVERLAP));
        let mut read = unconditional(self.read_pages(name, list, None, lease).await?)?;
        read.count_into(tally);
        read.newest = read.newest.max(open.newest);
        let mut shown = open.listed;
        shown.extend(&read.listed);
        let rest = self.unlisted(name, &shown, began).await?;
        let (mut faults, mut full) = (Vec::new(), rest.len() <= LOOKS);
        for (number, etag) in rest.into_iter().take(LOOKS) {
            let looked = self.look_under(name, number, etag.as_deref(), lease, tally);
            match looked.await {
                Ok(()) => {}
                Err(Failure::Github(error)) => {
                    full = false;
                    let fault = SyncFault::new(Some(name), Some(number), &error.to_string());
                    faults.push(fault);
                    if error.kind != GithubErrorKind::Unexpected {
                        break;
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
        let mut unreadable = open.unreadable;
        unreadable.append(&mut read.unreadable);
        let reading = Reading {
            full,
            gaps: !unreadable.is_empty(),
        };
        self.finish_poll(name, began, watermark, &read, reading, lease)
            .await?;
        let rows = self.look_at_unreadable(name, &unreadable, lease, tally);
        faults.extend(rows.await?);
        Ok(faults)
    }

    /// Issues that are open in the mirror, missing from the lists, and without an answer from GitHub since `began`. Issues that
    /// GitHub is known not to show are left out, because they are not offered.
    async fn unlisted(
        &self,
        repo: &RepoName,
        shown: &BTreeSet<IssueNumber>,
        began: Timestamp,
    ) -> Result<Vec<(IssueNumber, Option<String>)>, Failure> {
        let rows = self.store.open_rows(repo).await?.into_iter();
        let rest = rows.filter(|row| {
            !shown.contains(&row.number)
                && row.checked_at < began
                && !row.withheld.is_some_and(WithheldReason::is_gone)
        });
        Ok(rest.map(|row| (row.number, row.etag)).collect())
    }

    /// Stops counting pull requests as open that a complete list of open ones did not show.
    pub(super) async fn forget_pulls(
        &self,
        repo: &RepoName,
        listed: &BTreeSet<IssueNumber>,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let known = self.store.open_pulls(repo).await?.into_iter();
        let gone = known.filter(|number| !listed.contains(number));
        let pulls: Vec<ListedPull> = gone
            .map(|number| ListedPull {
                number,
                open: false,
            })
            .collect();
        if pulls.is_empty() {
            return Ok(());
        }
        let (repo, issues) = (repo.clone(), Vec::new());
        let action = Action::RecordIssues {
            repo,
            issues,
            pulls,
        };
        self.note(Command::system(action).under(lease))
            .await
            .map(drop)
    }

    /// Requests the issues whose rows could not be read. Returns those that still cannot be read.
    pub(super) async fn look_at_unreadable(
        &self,
        repo: &RepoName,
        rows: &[UnreadableRow],
        lease: Option<&LeaseProof>,
        tally: &mut SyncStats,
    ) -> Result<Vec<SyncFault>, Failure> {
        let mut faults: Vec<SyncFault> = Vec::new();
        let mut asked = BTreeSet::new();
        for row in rows {
            let fault = SyncFault::new(
                Some(repo),
                row.number,
                &format!("a row of the list of issues cannot be read: {}", row.reason),
            );
            if let Some(number) = row.number {
                if !asked.insert(number) {
                    continue;
                }
                if asked.len() <= LOOKS {
                    match self.look_under(repo, number, None, lease, tally).await {
                        Ok(()) => continue,
                        Err(Failure::Github(_)) => {}
                        Err(failure) => return Err(failure),
                    }
                }
            }
            if !faults.iter().any(|known| known.same_subject(&fault)) {
                faults.push(fault);
            }
        }
        Ok(faults)
    }

    /// Requests the single issues again that an earlier run could not read. Failures stay in the report.
    pub(super) async fn look_again(
        &self,
        repo: &Repo,
        known: &[SyncFailure],
        pulls: &[LinkedPull],
        lease: &LeaseProof,
        report: &mut SyncReport,
    ) -> Result<(), Failure> {
        let name = &repo.facts.name;
        let earlier = known.iter().map(|failure| &failure.fault);
        for fault in earlier.filter(|fault| fault.repo.as_ref() == Some(name)) {
            let Some(number) = fault.number else { continue };
            let polled = pulls
                .iter()
                .any(|pull| pull.repo == *name && pull.number == number);
            if polled || report.failed.iter().any(|now| now.same_subject(fault)) {
                continue;
            }
            let looked = self.look_under(name, number, None, Some(lease), &mut report.tally);
            match looked.await {
                Ok(()) => {}
                Err(Failure::Github(_)) => report.failed.push(fault.clone()),
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Requests one issue and records GitHub's answer.
    async fn look_under(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        etag: Option<&str>,
        lease: Option<&LeaseProof>,
        tally: &mut SyncStats,
    ) -> Result<(), Failure> {
        let seen = self.look(repo, number, etag).await?;
        // Pull requests are not handed out.
        if seen == IssueLookup::PullRequest {
            return Ok(());
        }
        let repo = repo.clone();
        let action = Action::RecordIssue { repo, number, seen };
        let answer = self.note(Command::system(action).under(lease)).await?;
        if let Answer::Tally { tally: seen, .. } = answer {
            tally.newly_opened_issues += seen.newly_opened_issues;
            tally.externally_closed_claims += seen.externally_closed_claims;
            tally.metadata_updates += seen.metadata_updates;
        }
        Ok(())
    }

    /// Compares GitHub's count of open issues and pull requests with the mirror's. Returns the updated repository if the
    /// difference requires a complete reading.
    pub(super) async fn compare_counts(
        &self,
        repo: &Repo,
        lease: &LeaseProof,
    ) -> Result<Option<Repo>, Failure> {
        let name = &repo.facts.name;
        let ours = self.store.open_count(name).await?;
        let mut gap = beyond(repo.facts.open_count, ours);
        if gap != 0 {
            // GitHub's count may be older than the rows just read, so it is requested again and the later one counts.
            match self.github.repo(name).await {
                Ok(facts) => {
                    gap = beyond(facts.open_count, self.store.open_count(name).await?);
                    self.note(Command::system(Action::RecordRepos(vec![facts])).under(Some(lease)))
                        .await?;
                }
                Err(_) => return Ok(None),
            }
        }
        if gap != 0 || repo.counts.runs != 0 {
            let repo = name.clone();
            let action = Action::CompareCounts { repo, gap };
            self.note(Command::system(action).under(Some(lease)))
                .await?;
        }
        let row = self.store.repo(name).await?;
        Ok(row.filter(|row| gap != 0 && row.counts.asks_for_full_reading()))
    }
}

fn beyond(theirs: i64, ours: u64) -> i64 {
    theirs.saturating_sub(i64::try_from(ours).unwrap_or(i64::MAX))
}
