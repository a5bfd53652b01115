//! Reads a list of issues to its end, one transaction per page.

use std::collections::BTreeSet;

use super::Service;
use super::unreadable_repos::of_list;
use crate::domain::event::SyncStats;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::lease::LeaseProof;
use crate::domain::pull_request::ListedPull;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Answer, Command, Reading};
use crate::ports::github::{Fetched, IssueList, IssuePage, UnreadableRow};

/// The most pages of one list: 100,000 rows.
const PAGES: usize = 1000;

/// The result of a complete list.
#[derive(Debug, Default)]
pub(super) struct ListResult {
    /// The newest `updated_at`, pull requests and unreadable rows included.
    pub(super) newest: Option<Timestamp>,
    pub(super) etag: Option<String>,
    pub(super) opened: u64,
    pub(super) closed: u64,
    pub(super) metadata: u64,
    pub(super) ended: u64,
    /// The issues on the list, open or closed.
    pub(super) listed: BTreeSet<IssueNumber>,
    pub(super) open_pulls: Vec<IssueNumber>,
    pub(super) unreadable: Vec<UnreadableRow>,
}

impl ListResult {
    pub(super) fn count_into(&self, tally: &mut SyncStats) {
        tally.newly_opened_issues += self.opened;
        tally.externally_closed_claims += self.ended;
        tally.metadata_updates += self.metadata;
    }
}

impl Service {
    /// Reads a list to its end. `None` if the first page was unchanged.
    ///
    /// # Errors
    /// Fails also if the pages form a loop or are too many, because the end of the list was not seen.
    pub(super) async fn read_pages(
        &self,
        repo: &RepoName,
        list: IssueList,
        etag: Option<&str>,
        lease: Option<&LeaseProof>,
    ) -> Result<Option<ListResult>, Failure> {
        let first = self.github.issues(repo, list, None, etag).await;
        let mut page = match first.map_err(|error| of_list(repo, 1, error))? {
            Fetched::Unchanged => return Ok(None),
            Fetched::New(page) => page,
        };
        let mut read = ListResult {
            etag: page.etag.clone(),
            ..ListResult::default()
        };
        let known = self.store.open_pulls(repo).await?;
        let known: BTreeSet<IssueNumber> = known.into_iter().collect();
        let mut turned = BTreeSet::new();
        loop {
            let next = page.next.take();
            self.record_page(repo, page, &known, &mut read, lease)
                .await?;
            let Some(next) = next else {
                return Ok(Some(read));
            };
            if turned.len() + 1 >= PAGES {
                return Err(endless(repo, "has more than 1,000 pages"));
            }
            let read = self.github.issues(repo, list, Some(&next), None).await;
            page = match read.map_err(|error| of_list(repo, turned.len() + 2, error))? {
                Fetched::New(page) => page,
                Fetched::Unchanged => {
                    return Err(Failure::Internal(
                        "an unconditional request came back unchanged".to_owned(),
                    ));
                }
            };
            if !turned.insert(next) || page.next.as_ref().is_some_and(|next| turned.contains(next))
            {
                return Err(endless(repo, "leads in a circle"));
            }
        }
    }

    async fn record_page(
        &self,
        repo: &RepoName,
        page: IssuePage,
        known: &BTreeSet<IssueNumber>,
        read: &mut ListResult,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        read.newest = read.newest.max(page.newest);
        read.unreadable.extend(page.unreadable);
        read.listed
            .extend(page.issues.iter().map(|issue| issue.number));
        if !page.pulls.is_empty() {
            self.open_pulls.changed(repo);
        }
        let open = page.pulls.iter().filter(|pull| pull.open);
        read.open_pulls.extend(open.map(|pull| pull.number));
        let mut pulls: Vec<ListedPull> = page.pulls;
        pulls.retain(|pull| known.contains(&pull.number) != pull.open);
        if page.issues.is_empty() && pulls.is_empty() {
            return Ok(());
        }
        self.follow_arrivals(repo, &page.issues, lease).await?;
        let action = Action::RecordIssues {
            repo: repo.clone(),
            issues: page.issues,
            pulls,
        };
        if let Answer::Tally { tally, closed, .. } =
            self.note(Command::system(action).under(lease)).await?
        {
            read.opened += tally.newly_opened_issues;
            read.metadata += tally.metadata_updates;
            read.ended += tally.externally_closed_claims;
            read.closed += closed;
        }
        Ok(())
    }

    /// Advances a repository's watermark after all pages were read. `watermark` is the one that the poll started from.
    pub(super) async fn finish_poll(
        &self,
        repo: &RepoName,
        began: Timestamp,
        watermark: Timestamp,
        read: &ListResult,
        reading: Reading,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let newest = read
            .newest
            .map_or(watermark, |newest| newest.max(watermark));
        // A validator holds for the same request only, and the next request starts from the new watermark.
        let etag = read.etag.clone().filter(|_| newest == watermark);
        let action = Action::FinishPoll {
            repo: repo.clone(),
            began,
            watermark: Some(newest),
            etag,
            reading,
        };
        self.note(Command::system(action).under(lease))
            .await
            .map(drop)
    }
}

fn endless(repo: &RepoName, what: &str) -> Failure {
    Failure::Github(GithubError {
        kind: GithubErrorKind::Unexpected,
        retry_after: None,
        status: None,
        detail: format!("the list of issues of {repo} {what}"),
    })
}
