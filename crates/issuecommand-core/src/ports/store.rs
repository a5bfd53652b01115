//! The storage port: one way to change things, and questions that change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use async_trait::async_trait;

use crate::domain::access::Scope;
use crate::domain::access_key::{AccessKey, SecretHash};
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::event::{Event, Seq};
use crate::domain::failure::{StoreError, Unwritable};
use crate::domain::followup::{Followup, FollowupStatus};
use crate::domain::id::{AgentId, IssueNumber};
use crate::domain::issue::{IssueFilter, MirroredIssue, WithheldReason};
use crate::domain::outbox::OutboxEntry;
use crate::domain::pull_request::LinkedPull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::domain::time::{ClockSteps, Timestamp};
use crate::domain::webhook::StoredDelivery;
use crate::engine::command::{Command, Outcome};

/// Which active claims are meant; everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimFilter {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// In this repository.
    pub repo: Option<RepoName>,
    /// With this status.
    pub status: Option<ClaimStatus>,
    /// In these repositories.
    pub scope: Scope,
}

/// Which follow-ups are meant; everything given must hold. Open ones, in serving order; with a status that an ended one has the
/// ended ones, the latest first, [`ENDED_LISTED`] at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowupFilter {
    /// In this repository.
    pub repo: Option<RepoName>,
    /// With this status.
    pub status: Option<FollowupStatus>,
    /// Owned, now or last, by this agent.
    pub owner: Option<AgentId>,
    /// Of this pull request.
    pub number: Option<IssueNumber>,
    /// In these repositories.
    pub scope: Scope,
}

/// An issue that the mirror has as open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    /// Its number.
    pub number: IssueNumber,
    /// GitHub's last word on this very issue.
    pub checked_at: Timestamp,
    /// Why it is not offered, where it is not.
    pub doubt: Option<WithheldReason>,
    /// The validator of its own GET.
    pub etag: Option<String>,
}

/// The most that a list has of what has ended.
pub const ENDED_LISTED: u32 = 200;

/// Which ended claims are meant, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// In this repository.
    pub repo: Option<RepoName>,
    /// With this status.
    pub status: Option<ClaimStatus>,
    /// In these repositories.
    pub scope: Scope,
    /// How many at most; 1 or more.
    pub limit: u32,
    /// What the page before said.
    pub after: Option<HistoryCursor>,
}

/// The last claim of a page: (when it ended, its id as text).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryCursor {
    /// When it ended.
    pub ended: Timestamp,
    /// Its id, which breaks ties.
    pub claim: String,
}

/// A repository with what is counted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoCount {
    /// The repository.
    pub repo: Repo,
    /// Its open issues in the mirror, without pull requests.
    pub open: u64,
}

/// Numbers of the whole store, or of what a caller may see of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// Claims ever made; trimming the history does not lower it. Of a scope: those that are kept.
    pub total_claims: u64,
    /// Claims that have not ended.
    pub active_claims: u64,
    /// Agents with at least one of them.
    pub active_agents: u64,
    /// How many of them are stale.
    pub stale_claims: u64,
    /// When a run of the sync over everything last ended that read something.
    pub last_sync: Option<Timestamp>,
    /// What the latest runs of the sync could not read, the longest failing first. Of a scope: what belongs to its repositories.
    pub sync_failures: Vec<SyncFailure>,
    /// Writes to GitHub that wait.
    pub outbox: u64,
    /// Issues that their agents called closed and that GitHub refuses to close, the longest waiting first, at most
    /// [`StoreHealth::LISTED`].
    pub close_failed: Vec<WithheldIssue>,
    /// Follow-ups that have not ended.
    pub open_followups: u64,
    /// How many of them are stale.
    pub stale_followups: u64,
    /// Deliveries that could not be applied yet and are tried again. Of a scope 0: what is not applied belongs to no
    /// repository yet.
    pub deferred_deliveries: u64,
    /// Deliveries that could not be applied however often they were tried. Of a scope 0 likewise.
    pub dead_deliveries: u64,
    /// The priority table that the mirror's ranks were computed with.
    pub priority_source: Option<String>,
}

/// How a database is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCondition {
    /// The latest moment that was written.
    pub last: Timestamp,
    /// How its clock went.
    pub steps: ClockSteps,
    /// Why this process could not write to it when it last tried, which is every few seconds.
    pub unwritable: Option<Unwritable>,
}

/// What a name of `ALLOWED_REPOS` leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedRepo {
    /// The name as it was asked for.
    pub asked: RepoName,
    /// The repository.
    pub repo: Repo,
    /// The name means this repository for good. Otherwise the repository only has the name now.
    pub bound: bool,
    /// Every name, present or former, that leads to the repository now, by name.
    pub names: Vec<RepoName>,
}

impl StoreHealth {
    /// How many issues are listed at most.
    pub const LISTED: usize = 20;
}

/// An issue that is not offered although GitHub has it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldIssue {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// Since when.
    pub since: Timestamp,
}

/// What waits, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// How many.
    pub count: u64,
    /// When the oldest of them was made.
    pub since: Timestamp,
}

/// What operators watch: what is open by its status, and whether a promise is broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// Active claims.
    pub claims: BTreeMap<ClaimStatus, u64>,
    /// Follow-ups that have not ended.
    pub followups: BTreeMap<FollowupStatus, Backlog>,
    /// Issues with more than one active claim: always 0.
    pub shared_issues: u64,
    /// Pull requests that more than one agent works on: always 0.
    pub shared_pulls: u64,
    /// Open issues that can be handed out.
    pub ready: u64,
}

/// A store. Every promise on exclusivity and durability is kept here; everything else is courtesy.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Decides a command and writes what follows from it, all or nothing. The outcome is durable before it is returned.
    /// Safe to drop at any moment: what was begun is finished all the same.
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError>;

    /// Whether the database that was opened is still the one that others find, as far as a look without waiting can tell. Asked
    /// right before a caller gets its answer: what another database may give to somebody else is not acknowledged.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] once it is not.
    fn still_there(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Active claims, the oldest first.
    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError>;

    /// Ended claims, the latest ended first.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError>;

    /// Issues that are open and that nobody holds, in serving order.
    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError>;

    /// One row of the mirror.
    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError>;

    /// All repositories, by name.
    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError>;

    /// One repository, by a present or former name.
    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError>;

    /// What the names of `ALLOWED_REPOS` lead to: the repository that a name is bound to, else the one that has it now. Names
    /// that lead nowhere are left out.
    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError>;

    /// One repository by GitHub's id.
    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError>;

    /// The issues of a repository that the mirror has as open, those without news from GitHub for longest first.
    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError>;

    /// The pull requests of a repository that GitHub listed as open, by number.
    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError>;

    /// How many open issues and pull requests the mirror has of a repository, as GitHub would count them: without the issues
    /// that GitHub no longer shows.
    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError>;

    /// Open follow-ups, in serving order.
    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError>;

    /// Pull requests that active claims name, by repository and number, each once.
    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError>;

    /// Deliveries to be tried again, the oldest first.
    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError>;

    /// Writes to GitHub that are due, the longest waiting first.
    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;

    /// Events after that place, in order.
    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// The place of the latest event; 0 when there is none.
    async fn last_event(&self) -> Result<Seq, StoreError>;

    /// The place of the oldest event that is kept; where none is, the place of the next. The places from here to
    /// [`Self::last_event`] have an event each, those before were trimmed.
    async fn oldest_event(&self) -> Result<Seq, StoreError>;

    /// Numbers of all that is within the scope; what belongs to no repository is told to everybody.
    async fn health(&self, scope: &Scope) -> Result<StoreHealth, StoreError>;

    /// How the database is: its time, and whether it can be written to. Asked often, and cheap.
    async fn condition(&self) -> Result<StoreCondition, StoreError>;

    /// What operators watch, of the whole.
    async fn tally(&self) -> Result<StatusCounts, StoreError>;

    /// The key whose secret has this digest, whatever its state.
    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError>;

    /// All keys, the oldest first; those of one moment by id.
    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError>;

    /// Waits until something may have been written since the call began, or for a while: a hint, never a promise.
    async fn changed(&self);
}
