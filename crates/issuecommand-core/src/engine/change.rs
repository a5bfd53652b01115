//! The changes of one decision, and the writes of a batch.

use crate::domain::claim::Claim;
use crate::domain::daily::Day;
use crate::domain::event::Event;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource};
use crate::domain::halt::HaltOf;
use crate::domain::id::{AgentId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::lane::Lane;
#[cfg(doc)]
use crate::domain::outbox::OutboxEntry;
use crate::domain::outbox::OutboxId;
use crate::domain::policy::SessionPolicy;
use crate::domain::pull_request::{ListedPull, Pull};
use crate::domain::readiness::ReasonCode;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::session::SessionId;
use crate::domain::standing::QueuePlace;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::engine::daily::Counted;
use crate::engine::fence::{ClaimWrite, FollowupWrite};
use crate::engine::tables::{PlainKey, PlainRow, PlainWrites};

/// Limits of what is kept; the rest is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// The most ended claims to keep, latest end first.
    pub history: u32,
    /// The most ended follow-ups to keep, latest end first. Their feedback events keep their rows, without texts.
    pub followups: u32,
    /// The most processed deliveries to keep, latest receipt first.
    pub deliveries: u32,
    /// Events, and writes to GitHub that failed for good, before this time are deleted.
    pub events_before: Timestamp,
    /// Stored answers, counts of quick releases, and ended claims that were no attempts, before this time are deleted.
    pub remembered_before: Timestamp,
    /// Attempts before this time are deleted.
    pub attempts_before: Timestamp,
    /// Sessions that were last heard before this time are deleted.
    pub sessions_before: Timestamp,
    /// Agents without an active claim that were last heard before this time are deleted.
    pub agents_before: Timestamp,
    /// Notices before this time are deleted.
    pub notices_before: Timestamp,
    /// The most notices of one agent to keep, latest first.
    pub notices: u32,
    /// Numbers of days before this one are deleted.
    pub days_before: Day,
}

/// A sign of life: what this agent holds in this session, or in none, is alive. It is written to rows whose last sign is
/// [`SessionPolicy::SIGN_EACH`](crate::domain::policy::SessionPolicy::SIGN_EACH) old or older.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// The holder.
    pub agent: AgentId,
    /// The session; `None` for what it holds in no session.
    pub session: Option<SessionId>,
    /// When it was heard.
    pub at: Timestamp,
}

impl Sign {
    /// Rows whose last sign of life is at or before this time get the new one.
    pub fn due(&self) -> Timestamp {
        self.at.minus(SessionPolicy::SIGN_EACH)
    }
}

/// One change. Rows are whole: a store inserts or replaces them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A repository of the mirror.
    Repo(Repo),
    /// The name belongs to this repository from now on. The repository keeps its former names.
    Name(RepoName, RepoId),
    /// A name of `ALLOWED_REPOS` means this repository from now on, unless it is already bound to another.
    Bind(RepoName, RepoId),
    /// An issue of the mirror.
    Issue(Box<MirroredIssue>),
    /// A claim. Its history only grows.
    Claim(Box<Claim>),
    /// A pull request.
    Pull(Box<Pull>),
    /// A follow-up. Its feedback events and history only grow.
    Followup(Box<Followup>),
    /// The state of a feedback event.
    Source(KnownSource),
    /// The text of a feedback event that is in no open follow-up.
    Text(Box<FeedbackEvent>),
    /// A row of a plain table.
    Row(PlainRow),
    /// An issue that has no standing any more, because it was closed.
    NoStanding(IssueKey),
    /// Work that goes on again.
    HaltEnded(HaltOf),
    /// A row of a plain table that is deleted.
    NoRow(PlainKey),
    /// A write to GitHub that has left the outbox.
    OutboxDone(OutboxId),
    /// A sign of life.
    Sign(Sign),
    /// Deletes old rows.
    Trim(Trim),
    /// Measures the queue and the agents at work, once an hour.
    Measure(Day, i64),
    /// A sync run with at least one read ended.
    LastSync(Timestamp),
    /// The complete list of what the latest sync runs could not read.
    SyncFailures(Vec<SyncFailure>),
    /// Pull requests of a repository that are now open, or no longer open.
    ListedPulls(RepoId, Vec<ListedPull>),
    /// All ranks are computed with this priority table.
    PrioritySource(String),
}

/// Where an open issue counts among all open issues.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountedAs {
    /// Its lane.
    pub lane: Lane,
    /// [`ReasonCode::Held`] if an agent has an active claim on it, else the first reason of its own; `None` if it has none. Whether its
    /// repository is offered does not count here.
    pub first: Option<ReasonCode>,
    /// Its repository.
    pub repo: RepoId,
}

/// All writes of a batch, in the order in which a store must apply them. Each row occurs once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteBatch {
    /// Repositories of the mirror.
    pub repos: Vec<Repo>,
    /// Name keys (lower case) and their owners from now on. The last entry of a name wins.
    pub names: Vec<(String, RepoId)>,
    /// Name keys (lower case) of `ALLOWED_REPOS` and their repositories. An existing binding stays.
    pub bound: Vec<(String, RepoId)>,
    /// Mirrored issues.
    pub issues: Vec<MirroredIssue>,
    /// Places in the queue that are left, whether they were taken or not.
    pub leave_queue: Vec<QueuePlace>,
    /// Places in the queue that are taken after that, by issues that are ready now.
    pub join_queue: Vec<QueuePlace>,
    /// Changes of the numbers of open issues, by where each counts.
    pub counts: Vec<(CountedAs, i64)>,
    /// What is added to the numbers of days and agents.
    pub counted: Counted,
    /// The day and hour for which the queue and the agents at work are measured, if that was not done yet.
    pub measured: Option<(Day, i64)>,
    /// Signs of life, written before the claims and follow-ups.
    pub signs: Vec<Sign>,
    /// Claims, ended ones first, so that an issue is free before it is claimed again.
    pub claims: Vec<ClaimWrite>,
    /// Pull requests of the mirror.
    pub pulls: Vec<Pull>,
    /// Follow-ups. Their feedback events are in `sources`.
    pub followups: Vec<FollowupWrite>,
    /// Feedback events to insert or replace, with the text if it may have changed.
    pub sources: Vec<(KnownSource, Option<FeedbackEvent>)>,
    /// The agent that holds each touched pull request, if any; at most one. A pull request that goes from one agent to another is
    /// listed twice, as free before.
    pub holds: Vec<(PullKey, Option<AgentId>)>,
    /// Rows of the plain tables. A waiting write to GitHub takes the place of those that it replaces
    /// ([`OutboxEntry::is_replaced_by`]).
    pub tables: PlainWrites,
    /// Events, without their `seq`.
    pub events: Vec<Event>,
    /// Repositories whose `offered` changed. Their part of the queue is built anew: the issues without reasons of their own and
    /// without an active claim, if the repository is offered.
    pub requeue: Vec<RepoId>,
    /// Limits of what is kept.
    pub trim: Option<Trim>,
    /// When a sync run with at least one read ended.
    pub last_sync: Option<Timestamp>,
    /// What the latest sync runs could not read. It replaces the stored list.
    pub sync_failures: Option<Vec<SyncFailure>>,
    /// Pull requests that are open, or no longer. The last entry of each wins.
    pub listed_pulls: Vec<(PullKey, bool)>,
    /// The priority table that all ranks are computed with.
    pub priority_source: Option<String>,
}

impl WriteBatch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
