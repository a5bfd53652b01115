//! What a decision changes, and what a batch of decisions comes to for a store.

use serde::{Deserialize, Serialize};

use crate::domain::claim::{Claim, ClaimStatus, StatusEntry};
use crate::domain::event::Event;
use crate::domain::followup::{
    FeedbackEvent, Followup, FollowupEntry, FollowupStatus, KnownSource,
};
use crate::domain::id::{AgentId, IssueKey, Principal, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::outbox::OutboxId;
use crate::domain::pull_request::{ListedPull, Pull};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::engine::command::Answer;
use crate::engine::tables::{PlainRow, PlainWrites};

/// The answer to a request that carried an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// On whose authority the request came: a key of another principal is another key.
    pub principal: Principal,
    /// The key.
    pub key: String,
    /// The digest of its request.
    pub request: String,
    /// The answer.
    pub answer: Answer,
    /// When it was given.
    pub at: Timestamp,
}

/// What is kept no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// How many ended claims stay, the latest ended.
    pub history: u32,
    /// How many ended follow-ups stay, the latest ended. Their events stay known by name, without their texts.
    pub followups: u32,
    /// How many processed deliveries stay, the latest received.
    pub deliveries: u32,
    /// Events before this moment go.
    pub events_before: Timestamp,
    /// Remembered answers before this moment go.
    pub remembered_before: Timestamp,
}

/// One change. Rows are whole: a store inserts or replaces them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A repository.
    Repo(Repo),
    /// A name is this repository's from now on, whosever it was; its former names stay its own.
    Name(RepoName, RepoId),
    /// A name of `ALLOWED_REPOS` means this repository from now on, unless it means another one already.
    Bind(RepoName, RepoId),
    /// A row of the mirror.
    Issue(Box<MirroredIssue>),
    /// A claim; its history only ever grows.
    Claim(Box<Claim>),
    /// A pull request.
    Pull(Box<Pull>),
    /// A follow-up; its events and its history only ever grow.
    Followup(Box<Followup>),
    /// What became of an event that follow-ups come from.
    Source(KnownSource),
    /// The text of such an event that is in no open follow-up.
    Text(Box<FeedbackEvent>),
    /// A row of a plain table.
    Row(PlainRow),
    /// A write to GitHub that waits no more.
    OutboxDone(OutboxId),
    /// A complete poll vouched for a repository: issues that were called closed before it began are believed again.
    ConfirmOpen(RepoId, Timestamp),
    /// What is kept no longer.
    Trim(Trim),
    /// A run of the sync ended that read something.
    LastSync(Timestamp),
    /// All that the latest runs of the sync could not read: these, and nothing else.
    SyncFailures(Vec<SyncFailure>),
    /// Pull requests of a repository that are open now, or no longer.
    ListedPulls(RepoId, Vec<ListedPull>),
    /// All ranks were computed with this priority table.
    PrioritySource(String),
}

/// A row with a status and a history, which is written only while the store still has what was loaded.
pub trait Fenced {
    /// The words that its status may have.
    type Status: Copy + Eq + std::fmt::Debug;
    /// An entry of its history.
    type Entry;

    /// What the store must still have.
    fn fence(&self) -> Fence<Self::Status>;

    /// The end of its history that it holds, and how many entries were before that.
    fn history(&self) -> (usize, &[Self::Entry]);

    /// How many entries its history has in all.
    fn entries(&self) -> usize {
        let (earlier, held) = self.history();
        earlier + held.len()
    }
}

/// What a row must still be in the store for its new version to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence<S> {
    /// The status with which it was loaded.
    pub status: S,
    /// The last update with which it was loaded, in milliseconds.
    pub last_updated: Timestamp,
}

/// One fenced row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FencedWrite<T: Fenced> {
    /// The row.
    pub row: T,
    /// `None` for a new row.
    pub before: Option<Fence<T::Status>>,
    /// Entries of the history from this one on are new, counted from its very first.
    pub new_from: usize,
}

impl<T: Fenced> FencedWrite<T> {
    /// The new entries of the history with their places in the whole of it.
    pub fn new_entries(&self) -> impl Iterator<Item = (usize, &T::Entry)> {
        let (earlier, held) = self.row.history();
        let places = held.iter().enumerate();
        let places = places.map(move |(n, entry)| (earlier + n, entry));
        places.skip(self.new_from.saturating_sub(earlier))
    }
}

/// One claim to write.
pub type ClaimWrite = FencedWrite<Claim>;

/// One follow-up to write.
pub type FollowupWrite = FencedWrite<Followup>;

impl Fenced for Claim {
    type Status = ClaimStatus;
    type Entry = StatusEntry;

    fn fence(&self) -> Fence<ClaimStatus> {
        Fence {
            status: self.status,
            last_updated: self.last_updated,
        }
    }

    fn history(&self) -> (usize, &[Self::Entry]) {
        (self.earlier, &self.history)
    }
}

impl Fenced for Followup {
    type Status = FollowupStatus;
    type Entry = FollowupEntry;

    fn fence(&self) -> Fence<FollowupStatus> {
        Fence {
            status: self.status,
            last_updated: self.last_updated,
        }
    }

    fn history(&self) -> (usize, &[Self::Entry]) {
        (self.earlier, &self.history)
    }
}

/// Everything that a batch writes, in the order in which a store must write it: each row once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteBatch {
    /// Repositories.
    pub repos: Vec<Repo>,
    /// Names (keys, in lower case) and whose they are from now on; the last word on a name counts.
    pub names: Vec<(String, RepoId)>,
    /// Names (keys, in lower case) of `ALLOWED_REPOS` and what they mean from now on; one that is bound already stays so.
    pub bound: Vec<(String, RepoId)>,
    /// Mirror rows with their readiness.
    pub issues: Vec<(MirroredIssue, bool)>,
    /// Readiness of rows that did not change otherwise.
    pub ready: Vec<(IssueKey, bool)>,
    /// Claims: ended ones first, so that an issue is free before it is taken.
    pub claims: Vec<ClaimWrite>,
    /// Pull requests.
    pub pulls: Vec<Pull>,
    /// Follow-ups. Their events stand in `sources`.
    pub followups: Vec<FollowupWrite>,
    /// Events that follow-ups come from, to insert or replace; with the text of it where that may have changed.
    pub sources: Vec<(KnownSource, Option<FeedbackEvent>)>,
    /// Who holds each pull request that was touched, if anybody does: at most one agent.
    pub holds: Vec<(PullKey, Option<AgentId>)>,
    /// The plain tables.
    pub tables: PlainWrites,
    /// Events, without their `seq`.
    pub events: Vec<Event>,
    /// See [`Change::ConfirmOpen`]; readiness of the repository's issues is computed anew.
    pub confirm_open: Vec<(RepoId, Timestamp)>,
    /// Repositories whose issues' readiness is to be computed anew, because they are or are no longer offered.
    pub reoffer: Vec<RepoId>,
    /// What is kept no longer.
    pub trim: Option<Trim>,
    /// A run of the sync ended that read something.
    pub last_sync: Option<Timestamp>,
    /// All that the latest runs of the sync could not read; they replace those that are there.
    pub sync_failures: Option<Vec<SyncFailure>>,
    /// Pull requests that are open, or no longer; the last word on one counts.
    pub listed_pulls: Vec<(PullKey, bool)>,
    /// All ranks were computed with this priority table.
    pub priority_source: Option<String>,
}

impl WriteBatch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
