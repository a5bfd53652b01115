//! What people look at: questions to a store that are answered by look-ups in indexes, however much it holds. They read several rows
//! of one moment each, and no command depends on them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::domain::access::Scope;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::daily::{DailyKey, Day, Measure};
use crate::domain::event::{Event, Seq};
use crate::domain::failure::StoreError;
use crate::domain::followup::{FollowupStatus, SourceKind, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::lane::Lane;
use crate::domain::outbox::OutboxEntry;
use crate::domain::park::Parked;
use crate::domain::pull_request::PullRequestSnapshot;
use crate::domain::readiness::ReasonCode;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::session::{ClientInfo, KnownAgent};
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;

/// Which events are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventPlace {
    /// All.
    All,
    /// Those of an agent.
    Agent(AgentId),
    /// Those of these issues and pull requests, each by a name of its repository in lower case.
    Subjects(BTreeSet<(String, IssueNumber)>),
}

/// Where an issue that is ready stands in the queue of all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueCursor {
    /// Its turn.
    pub turn: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Its key.
    pub key: IssueKey,
}

/// Where an issue that is not ready stands among those: by the text of its first reason, then the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockedCursor {
    /// The text of its first reason.
    pub first: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Its key.
    pub key: IssueKey,
}

/// Where a claim stands among the active ones, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkingCursor {
    /// When it was made.
    pub claimed_at: Timestamp,
    /// Its id as text.
    pub claim: String,
}

/// A page of open issues in repositories on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuePageQuery<C> {
    /// Those in these repositories.
    pub scope: Scope,
    /// Those that are for this agent; `None`: whatever agents they are for.
    pub agent: Option<AgentId>,
    /// Behind this one.
    pub after: Option<C>,
    /// How many at most; 1 or more.
    pub limit: u32,
}

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Nothing: the labels alone.
    Labels,
    /// Each of these beginnings of words in the title, in lower case and without any but letters and digits.
    Words(Vec<String>),
    /// This number.
    Number(IssueNumber),
}

/// A search for open issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// What for.
    pub search: Search,
    /// Labels that they have, in lower case, each once.
    pub labels: Vec<String>,
    /// In these repositories.
    pub scope: Scope,
    /// How many at most.
    pub most: u32,
}

impl SearchQuery {
    /// The most issues that a search finds.
    pub const MOST: u32 = 10_000;
}

/// The words of a text, as a search compares them.
pub fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// An open issue that a search found, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIssue {
    /// Its key.
    pub key: IssueKey,
    /// The agents that it is for.
    pub lane: Lane,
    /// Its turn.
    pub turn: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The first reason of its own for which it is not handed out.
    pub first: Option<ReasonCode>,
    /// Whether its repository is on offer.
    pub offered: bool,
    /// The active claim on it, with its agent.
    pub held: Option<(WorkingCursor, AgentId)>,
}

/// The active claim on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineClaim {
    /// Its id.
    pub id: ClaimId,
    /// Who has it.
    pub agent: AgentId,
    /// Where it stands.
    pub status: ClaimStatus,
    /// When it was made.
    pub claimed_at: Timestamp,
}

/// An issue of the mirror, with how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueLine {
    /// The issue, without its text.
    pub issue: MirroredIssue,
    /// How it stands, if it is open.
    pub standing: Option<Standing>,
    /// The active claim on it.
    pub claim: Option<LineClaim>,
}

/// Lines of issues, in no order, and their repositories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueLines {
    /// The issues that the mirror has.
    pub lines: Vec<IssueLine>,
    /// Their repositories.
    pub repos: BTreeMap<RepoId, Repo>,
    /// The label words of priorities that repositories ask for themselves.
    pub priorities: BTreeMap<RepoId, String>,
}

/// Which active claims are read, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingQuery {
    /// Those of this agent.
    pub agent: Option<AgentId>,
    /// Those with this status.
    pub status: Option<ClaimStatus>,
    /// Those in these repositories.
    pub scope: Scope,
    /// Behind this one.
    pub after: Option<WorkingCursor>,
    /// How many at most.
    pub limit: u32,
}

/// An active claim with what people ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingClaim {
    /// The claim.
    pub claim: Claim,
    /// How many open follow-ups its pull request has.
    pub feedback: u64,
    /// The program that its session, or else its agent, runs in.
    pub client: Option<ClientInfo>,
}

/// How many claims are active.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingCounts {
    /// By status.
    pub claims: BTreeMap<ClaimStatus, u64>,
    /// The agents that have one.
    pub agents: u64,
    /// Open follow-ups that nobody has in hand.
    pub feedback_waiting: u64,
}

/// What is read of all that may need a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionQuery {
    /// In these repositories.
    pub scope: Scope,
    /// Feedback that nobody has had in hand since before this time; `None` for none.
    pub unclaimed_before: Option<Timestamp>,
    /// How many rows of a kind at most.
    pub most: u32,
}

/// A parked issue that nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedIssue {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: String,
    /// Its page on GitHub.
    pub url: String,
    /// Why it is parked.
    pub parked: Parked,
}

/// Feedback that nobody has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnclaimedFeedback {
    /// Its id.
    pub id: WorkItemId,
    /// The pull request's repository.
    pub repo: RepoName,
    /// The pull request's number.
    pub number: IssueNumber,
    /// The pull request's page.
    pub url: String,
    /// The pull request's title.
    pub title: String,
    /// The most urgent of its events.
    pub kind: SourceKind,
    /// Where it stands.
    pub status: FollowupStatus,
    /// Since when nobody has it.
    pub since: Timestamp,
    /// The agent whose claim names the pull request.
    pub author: Option<AgentId>,
}

/// A repository whose own policy cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPolicy {
    /// The repository.
    pub repo: RepoName,
    /// Why.
    pub error: String,
    /// Since when.
    pub since: Timestamp,
}

/// What may need a person, as far as rows of the store say so. Each list is longest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttentionRows {
    /// Parked issues that nobody has.
    pub parked: Vec<ParkedIssue>,
    /// Feedback that nobody has in hand.
    pub unclaimed: Vec<UnclaimedFeedback>,
    /// Writes to GitHub that failed for good, under the present names of their repositories.
    pub failed_writes: Vec<OutboxEntry>,
    /// Repositories whose own policies cannot be taken.
    pub policies: Vec<BrokenPolicy>,
}

/// A pull request of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullOfIssue {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// What GitHub said of it, if anything.
    pub facts: Option<PullRequestSnapshot>,
}

/// A number of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyNumber {
    /// Of what.
    pub key: DailyKey,
    /// How many.
    pub n: u64,
}

/// A delivery that waits, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingDelivery {
    /// Its id.
    pub id: String,
    /// GitHub's id, if one came with it.
    pub delivery_id: Option<String>,
    /// GitHub's name of the event.
    pub event: String,
    /// When it arrived.
    pub received_at: Timestamp,
    /// How often applying it failed.
    pub attempts: u32,
    /// The last failure.
    pub error: Option<String>,
}

/// The questions. [`Store`](super::store::Store) includes them.
#[async_trait]
pub trait ReadModel: Send + Sync {
    /// The latest events before this place, newest first.
    async fn events_before(
        &self,
        place: &EventPlace,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;

    /// Issues that are handed out, in serving order.
    async fn ready_page(
        &self,
        query: &IssuePageQuery<QueueCursor>,
    ) -> Result<Vec<QueueCursor>, StoreError>;

    /// Open issues that have reasons of their own against them and that nobody has; with `reason` those of which it is the first.
    async fn blocked_page(
        &self,
        query: &IssuePageQuery<BlockedCursor>,
        reason: Option<ReasonCode>,
    ) -> Result<Vec<BlockedCursor>, StoreError>;

    /// Open issues that a search finds, in no order.
    async fn search(&self, query: &SearchQuery) -> Result<Vec<FoundIssue>, StoreError>;

    /// The lines of these issues.
    async fn issue_lines(&self, keys: &[IssueKey]) -> Result<IssueLines, StoreError>;

    /// Active claims, oldest first.
    async fn working(&self, query: &WorkingQuery) -> Result<Vec<WorkingClaim>, StoreError>;

    /// How many claims are active, of this agent or of all, and how much feedback waits.
    async fn working_counts(
        &self,
        agent: Option<&AgentId>,
        scope: &Scope,
    ) -> Result<WorkingCounts, StoreError>;

    /// What may need a person.
    async fn attention(&self, query: &AttentionQuery) -> Result<AttentionRows, StoreError>;

    /// The pull requests that claims of an issue name or named, and the open ones that close it, by repository and number.
    async fn pulls_of_issue(&self, key: IssueKey) -> Result<Vec<PullOfIssue>, StoreError>;

    /// The numbers of days, these two included, in order: of all repositories together, or of each in the scope.
    async fn daily(
        &self,
        scope: &Scope,
        from: Day,
        to: Day,
    ) -> Result<Vec<DailyNumber>, StoreError>;

    /// Agents that were heard, by name, behind this one.
    async fn agents_page(
        &self,
        after: Option<&AgentId>,
        limit: u32,
    ) -> Result<Vec<KnownAgent>, StoreError>;

    /// How many agents were heard.
    async fn agents_count(&self) -> Result<u64, StoreError>;

    /// What is counted of an agent.
    async fn agent_totals(&self, agent: &AgentId) -> Result<BTreeMap<Measure, u64>, StoreError>;

    /// Deliveries that wait, those first that failed for good, then the oldest.
    async fn waiting_deliveries(&self, limit: u32) -> Result<Vec<WaitingDelivery>, StoreError>;

    /// Writes to GitHub that wait, those first that failed for good, then those that are due first, under the present names of their
    /// repositories.
    async fn outbox(&self, scope: &Scope, limit: u32) -> Result<Vec<OutboxEntry>, StoreError>;
}
