//! The rows that a batch needs, as the store has them, updated by the batch's own decisions.

mod apply;
mod asking;
mod load;
mod queries;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::asking::Askers;
pub(crate) use self::asking::counts;
pub(crate) use self::queries::Candidates;
pub(crate) use self::rows::Rows;
use crate::domain::claim::Claim;
use crate::domain::daily::Day;
use crate::domain::event::Event;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId, WorkItemId};
use crate::domain::holding::Holding;
use crate::domain::id::{AgentId, ClaimId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::standing::QueuePlace;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::engine::change::{CountedAs, Sign, Trim};
use crate::engine::table::{FencedTable, Row, Table};
use crate::engine::tables::PlainTables;
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

/// A list of candidates in serving order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Their keys. The view holds the rows.
    pub keys: Vec<IssueKey>,
    /// Whether the list has all candidates.
    pub complete: bool,
}

/// A list of follow-ups in serving order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowupWindow {
    /// Their ids. The view holds the rows.
    pub items: Vec<WorkItemId>,
    /// Whether the list has all of them.
    pub complete: bool,
}

/// See the module. A store fills it by the `load_…` functions and takes the result with [`View::into_writes`].
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The rows of the plain tables.
    pub tables: PlainTables,
    pub(crate) repos: Table<Repo>,
    names: BTreeMap<String, RepoId>,
    next_repo: i64,
    pub(crate) issues: Table<MirroredIssue>,
    pub(crate) claims: FencedTable<Claim>,
    active: BTreeMap<IssueKey, ClaimId>,
    /// Issues whose rows were asked for.
    named: BTreeSet<IssueKey>,
    /// Issues that are held by claims which are not loaded.
    held: BTreeSet<IssueKey>,
    windows: BTreeMap<WindowNeed, Arc<Window>>,
    unsynced: Vec<RepoName>,
    knows_repos: bool,
    pub(crate) pulls: Table<Pull>,
    pub(crate) followups: FencedTable<Followup>,
    pub(crate) sources: Table<KnownSource>,
    /// Loaded texts of feedback events that are in no open follow-up.
    pub(crate) texts: Table<FeedbackEvent>,
    followup_windows: BTreeMap<FollowupWindowNeed, FollowupWindow>,
    expired_followups: Vec<WorkItemId>,
    expired: Vec<ClaimId>,
    left_behind: Vec<ClaimId>,
    page: Vec<IssueKey>,
    sync_failures: Vec<SyncFailure>,
    holdings: BTreeMap<AgentId, Vec<Holding>>,
    askers: Askers,
    dirty: Dirty,
}

/// Changes of the batch that the tables do not record themselves.
#[derive(Clone, Debug, Default)]
struct Dirty {
    names: Vec<(String, RepoId)>,
    bound: Vec<(String, RepoId)>,
    requeue: BTreeSet<RepoId>,
    /// Issues whose readiness may have changed, with where they counted before, and the places that they had or would have had in
    /// the queue.
    ready: BTreeMap<IssueKey, (Option<CountedAs>, Option<QueuePlace>)>,
    holds: BTreeSet<PullKey>,
    signs: Vec<Sign>,
    /// Pull requests that went from one agent to another.
    given: BTreeSet<PullKey>,
    trim: Option<Trim>,
    measured: Option<(Day, i64)>,
    last_sync: Option<Timestamp>,
    sync_failures: Option<Vec<SyncFailure>>,
    listed_pulls: BTreeMap<PullKey, bool>,
    priority_source: Option<String>,
    events: Vec<Event>,
    /// An issue was freed or changed, so loaded lists of candidates are stale.
    candidates: bool,
    /// A follow-up began to wait, or waits for another agent, so loaded lists of follow-ups are stale.
    feedback: bool,
    /// A repository or the readiness of its issues changed, or rows were trimmed: a store would now load other rows.
    ground: bool,
}

impl Row for Repo {
    type Key = RepoId;

    fn primary_key(&self) -> RepoId {
        self.id
    }
}

impl Row for MirroredIssue {
    type Key = IssueKey;

    fn primary_key(&self) -> IssueKey {
        self.key()
    }
}

impl Row for Pull {
    type Key = PullKey;

    fn primary_key(&self) -> PullKey {
        self.key()
    }
}

impl Row for KnownSource {
    type Key = SourceId;

    fn primary_key(&self) -> SourceId {
        self.id.clone()
    }
}

impl Row for FeedbackEvent {
    type Key = SourceId;

    fn primary_key(&self) -> SourceId {
        self.id.clone()
    }
}

impl Row for Claim {
    type Key = ClaimId;

    fn primary_key(&self) -> ClaimId {
        self.id
    }
}

impl Row for Followup {
    type Key = WorkItemId;

    fn primary_key(&self) -> WorkItemId {
        self.id
    }
}
