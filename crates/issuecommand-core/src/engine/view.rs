//! What the engine sees: the rows that a batch needs, as they are now, changed by the batch's own decisions as it goes.

mod apply;
mod load;
mod queries;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::queries::Candidates;
pub(crate) use self::rows::Rows;

use crate::domain::access_key::AccessKey;
use crate::domain::claim::Claim;
use crate::domain::event::Event;
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId, WorkItemId};
use crate::domain::id::{ClaimId, IssueKey, Principal, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::lease::Lease;
use crate::domain::outbox::{OutboxEntry, OutboxId};
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFailure;
use crate::domain::time::Timestamp;
use crate::domain::webhook::StoredDelivery;
use crate::engine::change::{Fence, Fenced, FencedWrite, IdempotencyRecord, Trim};
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

/// A list of candidates in serving order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Their keys; the rows are in the view.
    pub keys: Vec<IssueKey>,
    /// There are no others.
    pub complete: bool,
}

/// A fenced row, and what the store has of it.
#[derive(Clone, Debug)]
struct Slot<T: Fenced> {
    row: T,
    before: Option<Fence<T::Status>>,
    /// Entries of the history that the store has.
    stored: usize,
    touched: bool,
}

impl<T: Fenced> Slot<T> {
    /// A row that the store has.
    fn loaded(row: T) -> Self {
        Self {
            before: Some(row.fence()),
            stored: row.entries(),
            row,
            touched: false,
        }
    }

    /// A row that the batch made.
    fn new(row: T) -> Self {
        Self {
            row,
            before: None,
            stored: 0,
            touched: true,
        }
    }

    fn put(&mut self, row: T) {
        (self.row, self.touched) = (row, true);
    }

    fn into_write(self) -> Option<FencedWrite<T>> {
        self.touched.then_some(FencedWrite {
            row: self.row,
            before: self.before,
            new_from: self.stored,
        })
    }
}

/// A list of follow-ups in serving order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FollowupWindow {
    /// Their ids; the rows are in the view.
    pub items: Vec<WorkItemId>,
    /// There are no others.
    pub complete: bool,
}

/// See the module. A store fills it by the `load_…` functions and takes the result with [`View::into_writes`].
#[derive(Clone, Debug, Default)]
pub struct View {
    repos: BTreeMap<RepoId, Repo>,
    names: BTreeMap<String, RepoId>,
    next_repo: i64,
    issues: BTreeMap<IssueKey, MirroredIssue>,
    claims: BTreeMap<ClaimId, Slot<Claim>>,
    active: BTreeMap<IssueKey, ClaimId>,
    windows: BTreeMap<WindowNeed, Window>,
    unsynced: Vec<RepoName>,
    knows_repos: bool,
    pulls: BTreeMap<PullKey, Pull>,
    followups: BTreeMap<WorkItemId, Slot<Followup>>,
    sources: BTreeMap<SourceId, KnownSource>,
    /// Texts of events that are in no open follow-up, as far as they are kept and were loaded.
    texts: BTreeMap<SourceId, FeedbackEvent>,
    deliveries: BTreeMap<String, StoredDelivery>,
    followup_windows: BTreeMap<FollowupWindowNeed, FollowupWindow>,
    expired_followups: Vec<WorkItemId>,
    expired: Vec<ClaimId>,
    page: Vec<IssueKey>,
    outbox: BTreeMap<OutboxId, OutboxEntry>,
    remembered: BTreeMap<(Principal, String), IdempotencyRecord>,
    leases: BTreeMap<String, Lease>,
    keys: BTreeMap<String, AccessKey>,
    sync_failures: Vec<SyncFailure>,
    touched: Dirty,
}

/// What the batch changed so far.
#[derive(Clone, Debug, Default)]
struct Dirty {
    repos: BTreeSet<RepoId>,
    names: Vec<(String, RepoId)>,
    bound: Vec<(String, RepoId)>,
    reoffer: BTreeSet<RepoId>,
    issues: BTreeSet<IssueKey>,
    ready: BTreeSet<IssueKey>,
    pulls: BTreeSet<PullKey>,
    holds: BTreeSet<PullKey>,
    sources: BTreeSet<SourceId>,
    texts: BTreeSet<SourceId>,
    deliveries: BTreeSet<String>,
    leases: BTreeSet<String>,
    keys: BTreeSet<String>,
    outbox: BTreeSet<OutboxId>,
    outbox_done: Vec<OutboxId>,
    remember: BTreeSet<(Principal, String)>,
    trust: Vec<(RepoId, Timestamp)>,
    trim: Option<Trim>,
    last_sync: Option<Timestamp>,
    sync_failures: Option<Vec<SyncFailure>>,
    listed_pulls: BTreeMap<PullKey, bool>,
    priority_source: Option<String>,
    events: Vec<Event>,
    /// An issue was freed or changed: lists of candidates say no longer what they would.
    candidates: bool,
    /// A follow-up waits that did not before, or for another agent: the same for lists of follow-ups.
    feedback: bool,
    /// A repository changed, or what is believed of its issues, or rows were trimmed: what was loaded is no longer what would
    /// be.
    ground: bool,
}
