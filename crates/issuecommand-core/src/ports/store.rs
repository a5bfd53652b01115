//! The storage port: one method that changes data, and queries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use async_trait::async_trait;

use crate::domain::access::Scope;
use crate::domain::access_key::{AccessKey, SecretHash};
use crate::domain::attempt::Attempt;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::edge::Cycle;
use crate::domain::event::{Event, Seq};
use crate::domain::explain::{ExplainQuery, Explained};
use crate::domain::failure::{StoreError, Unwritable};
use crate::domain::followup::{Followup, FollowupStatus, HeldFeedback};
use crate::domain::halt::Halt;
use crate::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use crate::domain::issue::{IssueFilter, IssuePlace, MirroredIssue, WithheldReason};
use crate::domain::notice::Notice;
use crate::domain::outbox::OutboxEntry;
use crate::domain::pull_request::LinkedPull;
use crate::domain::readiness::ReasonSet;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::repo_policy::KnownPolicy;
use crate::domain::session::{KnownAgent, Session};
use crate::domain::sync::SyncFailure;
use crate::domain::time::{ClockSteps, Timestamp};
use crate::domain::web_session::WebSession;
use crate::domain::webhook::StoredDelivery;
use crate::engine::command::{Command, Outcome};
use crate::ports::read_model::ReadModel;

/// A filter of active claims. All given conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimFilter {
    /// Claims of this agent.
    pub agent: Option<AgentId>,
    /// Claims in this repository.
    pub repo: Option<RepoName>,
    /// Claims with this status.
    pub status: Option<ClaimStatus>,
    /// Claims in these repositories.
    pub scope: Scope,
    /// No more than so many, the oldest; `None`: all.
    pub limit: Option<u32>,
}

/// A filter of follow-ups. All given conditions must hold. It selects open follow-ups in serving order. With a terminal status
/// it selects ended ones, latest first, at most [`ENDED_LISTED`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowupFilter {
    /// Follow-ups in this repository.
    pub repo: Option<RepoName>,
    /// Follow-ups with this status.
    pub status: Option<FollowupStatus>,
    /// Follow-ups whose current or last owner is this agent.
    pub owner: Option<AgentId>,
    /// Follow-ups of this pull request.
    pub number: Option<IssueNumber>,
    /// Follow-ups in these repositories.
    pub scope: Scope,
}

/// An issue that is open in the mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    /// The issue number.
    pub number: IssueNumber,
    /// When GitHub last reported on this issue.
    pub checked_at: Timestamp,
    /// Why the issue is withheld, if it is.
    pub withheld: Option<WithheldReason>,
    /// The validator of the issue's own GET.
    pub etag: Option<String>,
}

/// The most ended rows in a list.
pub const ENDED_LISTED: u32 = 200;

/// A filter of ended claims, and a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Claims of this agent.
    pub agent: Option<AgentId>,
    /// Claims in this repository.
    pub repo: Option<RepoName>,
    /// Claims with this status.
    pub status: Option<ClaimStatus>,
    /// Claims in these repositories.
    pub scope: Scope,
    /// The page size; 1 or more.
    pub limit: u32,
    /// The cursor that the previous page returned.
    pub after: Option<HistoryCursor>,
}

/// The position of the last claim of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryCursor {
    /// When the claim ended.
    pub ended: Timestamp,
    /// The claim's id as text, which breaks ties.
    pub claim: String,
}

/// A repository with its count of open issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoCount {
    /// The repository as stored.
    pub repo: Repo,
    /// Open issues in the mirror, without pull requests.
    pub open: u64,
}

/// Counts over the whole store, or over a caller's scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// Claims ever made, including trimmed ones. For a scope: only those that are kept.
    pub total_claims: u64,
    /// Claims that have not ended.
    pub active_claims: u64,
    /// Agents with at least one active claim.
    pub active_agents: u64,
    /// Stale claims among the active ones.
    pub stale_claims: u64,
    /// When a full-scope run of the sync that read something last ended.
    pub last_sync: Option<Timestamp>,
    /// What the latest sync runs could not read, longest failing first. For a scope: only its repositories.
    pub sync_failures: Vec<SyncFailure>,
    /// Pending writes to GitHub.
    pub outbox: u64,
    /// Issues that agents reported closed and GitHub refuses to close, longest waiting first, at most [`StoreHealth::LISTED`].
    pub close_failed: Vec<WithheldIssue>,
    /// Follow-ups that have not ended.
    pub open_followups: u64,
    /// Stale follow-ups among the open ones.
    pub stale_followups: u64,
    /// Deliveries that could not be applied yet and are retried. 0 for a scope, because they belong to no repository yet.
    pub deferred_deliveries: u64,
    /// Deliveries that failed every retry. 0 for a scope, for the same reason.
    pub dead_deliveries: u64,
    /// The priority table that the mirror's priorities were computed with.
    pub priority_source: Option<String>,
}

/// The state of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreCondition {
    /// The latest time that was written.
    pub last: Timestamp,
    /// The steps of the database's clock.
    pub steps: ClockSteps,
    /// Why this process could not write at its last attempt. It tries every few seconds.
    pub unwritable: Option<Unwritable>,
}

/// The repository that a name of `ALLOWED_REPOS` resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedRepo {
    /// The name as configured.
    pub asked: RepoName,
    /// The repository that the name resolves to.
    pub repo: Repo,
    /// Whether the name is bound to this repository permanently. If false, the repository only has the name at present.
    pub bound: bool,
    /// All present and former names that resolve to the repository now, sorted.
    pub names: Vec<RepoName>,
}

impl StoreHealth {
    /// The most issues in a list.
    pub const LISTED: usize = 20;
}

/// An issue that is withheld although it is open on GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithheldIssue {
    /// The issue's repository.
    pub repo: RepoName,
    /// The issue number.
    pub number: IssueNumber,
    /// Since when it is withheld.
    pub since: Timestamp,
}

/// The size and age of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The number of waiting rows.
    pub count: u64,
    /// When the oldest waiting row was created.
    pub since: Timestamp,
}

/// Counts for operators: open rows by status, and violations of exclusivity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// Active claims by status.
    pub claims: BTreeMap<ClaimStatus, u64>,
    /// Follow-ups that have not ended.
    pub followups: BTreeMap<FollowupStatus, Backlog>,
    /// Issues with more than one active claim. Must be 0.
    pub shared_issues: u64,
    /// Pull requests that more than one agent works on. Must be 0.
    pub shared_pulls: u64,
    /// Open issues that can be handed out.
    pub ready: u64,
}

/// A store. It enforces every guarantee of exclusivity and durability.
#[async_trait]
pub trait Store: ReadModel + fmt::Debug {
    /// Decides a command and writes its effects, all or nothing. The outcome is durable before it is returned. The future may
    /// be dropped at any time: a transaction that has begun still finishes.
    async fn transact(&self, command: Command) -> Result<Outcome, StoreError>;

    /// Checks, without blocking, whether the opened database is still the one at the configured place. Called right before a
    /// caller gets its answer, because a replacement database could give the same work to another caller.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] if it is not.
    fn still_there(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Active claims, oldest first.
    async fn claims(&self, filter: &ClaimFilter) -> Result<Vec<Claim>, StoreError>;

    /// Ended claims, latest first.
    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Claim>, StoreError>;

    /// Open issues without an active claim, in serving order.
    async fn open_issues(&self, filter: &IssueFilter) -> Result<Vec<MirroredIssue>, StoreError>;

    /// The open issues of a repository on offer that have reasons of their own against them, without withheld ones and without
    /// those that an agent holds, in the order in which they would be served.
    async fn unready_issues(
        &self,
        repo: &RepoName,
    ) -> Result<Vec<(MirroredIssue, ReasonSet)>, StoreError>;

    /// Counts the open issues by their first reason, with the oldest of each.
    async fn explain(&self, query: &ExplainQuery) -> Result<Explained, StoreError>;
    /// The last attempts at an issue, newest first. Claims that were given back at once are left out.
    async fn attempts(&self, key: IssueKey, limit: u32) -> Result<Vec<Attempt>, StoreError>;

    /// All halts of work, by what is halted.
    async fn halts(&self) -> Result<Vec<Halt>, StoreError>;

    /// The open issues in repositories on offer of which GitHub is to be asked by now what they wait for, the longest due first.
    async fn edges_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(RepoName, IssueNumber)>, StoreError>;

    /// The open issues of the mirror with those that block each of them, as far as these are open and in known repositories.
    async fn open_dependencies(&self) -> Result<Vec<(IssuePlace, IssuePlace)>, StoreError>;

    /// The issues that block each other in a circle, as they were last found, in the order of their first issues as texts.
    async fn dependency_cycles(&self) -> Result<Vec<Cycle>, StoreError>;

    /// What is known of a repository's own policy.
    async fn repo_policy(&self, repo: RepoId) -> Result<Option<KnownPolicy>, StoreError>;

    /// Authors of open issues in repositories on offer whose rights were never asked for or before this time, the longest ago first;
    /// with `private` also in private repositories.
    async fn authors_due(
        &self,
        before: Timestamp,
        private: bool,
        limit: u32,
    ) -> Result<Vec<(RepoName, String)>, StoreError>;

    /// Feedback that is kept from agents, with the present names of the repositories, oldest first: of one repository if `repo` is
    /// given.
    async fn held_feedback(
        &self,
        repo: Option<&RepoName>,
        limit: u32,
    ) -> Result<Vec<(RepoName, HeldFeedback)>, StoreError>;

    /// One issue of the mirror.
    async fn issue(
        &self,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Result<Option<MirroredIssue>, StoreError>;

    /// All repositories, by name.
    async fn repos(&self) -> Result<Vec<RepoCount>, StoreError>;

    /// One repository by a present or former name.
    async fn repo(&self, name: &RepoName) -> Result<Option<Repo>, StoreError>;

    /// The repositories that the names of `ALLOWED_REPOS` resolve to: the one that a name is bound to, else the one that has it
    /// now. Names that resolve to none are left out.
    async fn allowed_repos(
        &self,
        names: &BTreeSet<RepoName>,
    ) -> Result<Vec<AllowedRepo>, StoreError>;

    /// One repository by GitHub's id.
    async fn repo_on_github(&self, github_id: i64) -> Result<Option<Repo>, StoreError>;

    /// The open issues of a repository in the mirror, least recently checked first.
    async fn open_rows(&self, repo: &RepoName) -> Result<Vec<OpenRow>, StoreError>;

    /// The pull requests of a repository that GitHub listed as open, by number.
    async fn open_pulls(&self, repo: &RepoName) -> Result<Vec<IssueNumber>, StoreError>;

    /// The mirror's count of open issues and pull requests of a repository, comparable with GitHub's count: issues that GitHub
    /// no longer shows are excluded.
    async fn open_count(&self, repo: &RepoName) -> Result<u64, StoreError>;

    /// Open follow-ups, in serving order.
    async fn followups(&self, filter: &FollowupFilter) -> Result<Vec<Followup>, StoreError>;

    /// The pull requests that active claims name, by repository and number, without duplicates.
    async fn linked_pulls(&self) -> Result<Vec<LinkedPull>, StoreError>;

    /// Deliveries to retry, oldest first.
    async fn deferred_deliveries(&self, limit: u32) -> Result<Vec<StoredDelivery>, StoreError>;

    /// Writes to GitHub that are due, longest waiting first, each under the present name of its repository.
    async fn due_outbox(&self, now: Timestamp, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;

    /// Events after this sequence number, in order.
    async fn events_after(&self, seq: Seq, limit: u32) -> Result<Vec<Event>, StoreError>;

    /// The sequence number of the latest event; 0 if there is none.
    async fn last_event(&self) -> Result<Seq, StoreError>;

    /// The sequence number of the oldest kept event, or of the next event if none is kept. Every number from here to
    /// [`Self::last_event`] has an event; earlier ones were trimmed.
    async fn oldest_event(&self) -> Result<Seq, StoreError>;

    /// Counts within the scope. Values that belong to no repository are given to every caller.
    async fn health(&self, scope: &Scope) -> Result<StoreHealth, StoreError>;

    /// The state of the database: its time, and whether it can be written. Called often, so it must be cheap.
    async fn condition(&self) -> Result<StoreCondition, StoreError>;

    /// Counts for operators over the whole store.
    async fn tally(&self) -> Result<StatusCounts, StoreError>;

    /// The key whose secret has this digest, in any state.
    async fn key_by_hash(&self, hash: &SecretHash) -> Result<Option<AccessKey>, StoreError>;

    /// The session of the dashboard whose token has this digest. It may have ended.
    async fn web_session(&self, hash: &SecretHash) -> Result<Option<WebSession>, StoreError>;

    /// All keys, oldest first, ties by id.
    async fn keys(&self) -> Result<Vec<AccessKey>, StoreError>;

    /// Agents that were heard, by name: all, or this one.
    async fn agents(&self, agent: Option<&AgentId>) -> Result<Vec<KnownAgent>, StoreError>;

    /// Sessions by agent and id: all, or those of this agent.
    async fn sessions(&self, agent: Option<&AgentId>) -> Result<Vec<Session>, StoreError>;

    /// The notices of an agent, in no order.
    async fn notices(&self, agent: &AgentId) -> Result<Vec<Notice>, StoreError>;

    /// Waits until something may have been written since the call began, or for a while. May return without a change.
    async fn changed(&self);
}
