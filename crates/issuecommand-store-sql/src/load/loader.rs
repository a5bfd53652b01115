//! The questions that loading asks of a backend, and the rows that answer them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{IssueKey, PullKey, RepoId};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::lane::Lane;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::read_set::{Asking, Cutoff, PageNeed, ReadSet};

use crate::plain::PlainQuestion;
use crate::rows::{
    ClaimRow, FeedbackEventRow, FollowupRow, IssueRow, PullRow, RepoRow, StoredDeliveryRow,
    SyncFailureRow,
};

/// A follow-up in a list: its id, and the repository and number of its pull request.
pub type WindowItem = (String, i64, i64);

/// Everything that a command names itself.
#[derive(Debug, Default)]
pub struct NamedRows {
    /// The id that the next new repository gets.
    pub next_repo: i64,
    /// The ids of all repositories, where all are needed.
    pub repos: Vec<i64>,
    /// Name keys with the id of the repository that each leads to.
    pub names: Vec<(String, i64)>,
    /// Claims.
    pub claims: Vec<ClaimRow>,
    /// For each question of plain tables the rows, as JSON objects.
    pub plain: Vec<Vec<String>>,
    /// What agents hold: the agent, and an object of its own columns for each piece of work, in order.
    pub holdings: Vec<(String, String)>,
}

/// What leads to pull requests.
#[derive(Debug, Default)]
pub struct FoundRows {
    /// GitHub's id and ours of repositories.
    pub repos: Vec<(i64, i64)>,
    /// The pull requests of the follow-ups that are named.
    pub items: Vec<PullKey>,
    /// Feedback events, with the edits of them.
    pub sources: Vec<FeedbackEventRow>,
    /// Deliveries.
    pub deliveries: Vec<StoredDeliveryRow>,
    /// Follow-ups that expired.
    pub expired: Vec<WindowItem>,
    /// For each of `followup_windows` its items, one more than [`ReadSet::consumers`] at most.
    pub windows: Vec<Vec<WindowItem>>,
}

/// Which ready issues are looked for.
#[derive(Clone, Copy, Debug)]
pub struct CandidateQuestion<'q> {
    /// Conditions on the issues.
    pub filter: &'q IssueFilter,
    /// Repositories that the caller may see.
    pub scope: &'q Scope,
    /// The lanes that the agent is admitted to.
    pub lanes: &'q [&'q Lane],
    /// Repositories of which no issues are offered.
    pub passed_over: &'q BTreeSet<RepoId>,
    /// The most issues to find.
    pub limit: usize,
}

impl<'q> CandidateQuestion<'q> {
    /// All that match.
    pub fn all(filter: &'q IssueFilter, lanes: &'q [&'q Lane]) -> Self {
        static NONE: BTreeSet<RepoId> = BTreeSet::new();
        Self {
            filter,
            scope: &Scope::All,
            lanes,
            passed_over: &NONE,
            limit: usize::MAX,
        }
    }
    /// The limit as the databases take it.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }
}

/// What decides what agents are offered.
#[derive(Debug, Default)]
pub struct AskingRows {
    /// Agent, repository, number and time of issues that agents gave back.
    pub gave_back: Vec<(String, i64, i64, i64)>,
    /// How many active claims each agent has.
    pub loads: Vec<(String, i64)>,
    /// How many active claims each repository has.
    pub repo_loads: Vec<(i64, i64)>,
    /// All lanes of open issues.
    pub lanes: Vec<Lane>,
}

/// What belongs to pull requests.
#[derive(Debug, Default)]
pub struct PullRelatedRows {
    /// Open follow-ups.
    pub followups: Vec<FollowupRow>,
    /// Events that wait for their pull request to be opened again.
    pub suspended: Vec<FeedbackEventRow>,
    /// Active claims that name one of the pull requests.
    pub claims: Vec<ClaimRow>,
}

/// The rows of all keys.
#[derive(Debug, Default)]
pub struct KeyedRows {
    /// Repositories.
    pub repos: Vec<RepoRow>,
    /// Issues.
    pub issues: Vec<IssueRow>,
    /// Active claims on these issues, and those that GitHub's closing of the issue ended.
    pub claims: Vec<ClaimRow>,
    /// How the issues stand, as JSON objects.
    pub standings: Vec<String>,
}

/// The issues that edges lead from, as far as they are open.
#[derive(Debug, Default)]
pub struct DependentRows {
    /// Repositories.
    pub repos: Vec<RepoRow>,
    /// How the issues stand, as JSON objects.
    pub standings: Vec<String>,
    /// Those of them that agents hold.
    pub held: Vec<IssueKey>,
}

/// A connection within a transaction that loads rows for [`view`](crate::view). An error is whatever the database says.
#[async_trait]
pub trait Loader: Send {
    /// Loads what `repos`, `all_repos`, `claims` and `holdings_of` name, and rows of plain tables.
    async fn named(
        &mut self,
        needs: &ReadSet,
        plain: &[PlainQuestion],
    ) -> Result<NamedRows, StoreError>;

    /// Loads all that the sync could not read.
    async fn sync_failures(&mut self) -> Result<Vec<SyncFailureRow>, StoreError>;

    /// Loads what `items`, `sources`, `tables.deliveries`, `expired_items` and `followup_windows` name, and the repositories with these of
    /// GitHub's ids. The lists of follow-ups have none of the paused repositories.
    async fn found(
        &mut self,
        needs: &ReadSet,
        github_ids: &BTreeSet<i64>,
        paused: &BTreeSet<RepoId>,
    ) -> Result<FoundRows, StoreError>;

    /// Loads what `asking` names, and the lanes.
    async fn asking(&mut self, asking: &Asking) -> Result<AskingRows, StoreError>;

    /// Finds the first ready issues, in serving order.
    async fn candidates(
        &mut self,
        question: CandidateQuestion<'_>,
    ) -> Result<Vec<IssueKey>, StoreError>;

    /// Tells whether GitHub ever showed any repository, and names the offered ones that were never synced.
    async fn unsynced(&mut self) -> Result<(bool, Vec<String>), StoreError>;

    /// Loads claims that expired, by id.
    async fn expired(&mut self, cutoffs: &BTreeSet<Cutoff>) -> Result<Vec<ClaimRow>, StoreError>;

    /// Loads claims without a pull request of sessions that were over at or before a time and whose agents were not heard since, by id.
    async fn left_behind(&mut self, before: Timestamp) -> Result<Vec<ClaimRow>, StoreError>;

    /// Finds the keys of a page of the mirror.
    async fn page(&mut self, page: PageNeed) -> Result<Vec<IssueKey>, StoreError>;

    /// Finds the issues of a repository that were reported closed before a time and are withheld since.
    async fn reported_closed(
        &mut self,
        repo: RepoId,
        before: Timestamp,
    ) -> Result<Vec<IssueKey>, StoreError>;

    /// Loads pull requests.
    async fn pulls(&mut self, keys: &BTreeSet<PullKey>) -> Result<Vec<PullRow>, StoreError>;

    /// Loads what belongs to pull requests: to `light` ones without the events of their follow-ups.
    async fn by_pull(
        &mut self,
        whole: &BTreeSet<PullKey>,
        light: &BTreeSet<PullKey>,
    ) -> Result<PullRelatedRows, StoreError>;

    /// Finds the issues that pull requests close, and those of the claims that one of them was linked to before another replaced
    /// it.
    async fn closed_issues(
        &mut self,
        pulls: &BTreeSet<PullKey>,
    ) -> Result<Vec<IssueKey>, StoreError>;

    /// Loads the pull requests that close issues, and those that the claims on these issues have or had.
    async fn pulls_of_issues(
        &mut self,
        issues: &BTreeSet<IssueKey>,
    ) -> Result<Vec<PullRow>, StoreError>;

    /// Finds the open issues of an author in a repository that were not judged as the author's right says, `limit` at most.
    async fn issues_of_author(
        &mut self,
        author: (RepoId, &str, bool),
        limit: usize,
    ) -> Result<Vec<IssueKey>, StoreError>;

    /// Loads the edges from issues, and those to issues and pull requests, as JSON objects. Some may come twice.
    async fn edges(
        &mut self,
        from: &BTreeSet<IssueKey>,
        to: &BTreeSet<IssueKey>,
    ) -> Result<Vec<String>, StoreError>;

    /// Loads issues that edges lead from, and repositories.
    async fn dependents(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<DependentRows, StoreError>;

    /// Loads the rows of all keys.
    async fn by_key(
        &mut self,
        issues: &BTreeSet<IssueKey>,
        standings: &PlainQuestion,
        repos: &BTreeSet<RepoId>,
    ) -> Result<KeyedRows, StoreError>;
}
