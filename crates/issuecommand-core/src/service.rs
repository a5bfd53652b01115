//! The use cases. They call GitHub outside of any transaction and turn its answers into commands. They contain no rules; the
//! engine does.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case fails with a `ServiceError`, which says how"
)]

mod agent_list;
mod allowed_repos;
mod attention;
mod authors;
mod candidates;
mod claim_lists;
mod claims;
mod database;
mod deliveries_list;
mod dependencies;
mod events;
mod explain;
mod first_sync;
mod followups;
mod full_sync;
mod halts;
mod health;
mod holder_notices;
mod holdings;
mod issue_history;
mod issue_list;
mod issues;
mod label_changes;
mod latest_comments;
mod latest_events;
mod list_pages;
mod maintenance;
mod near_names;
mod next_work;
mod open_pulls;
mod outbox;
mod overview;
mod people;
mod previous_attempts;
mod pull_polls;
mod read_cache;
mod repo_policies;
mod session_ends;
mod sessions;
mod shown;
mod sign_in;
mod standing_warnings;
mod statistics;
mod sync;
mod sync_now;
mod timeout;
mod together;
mod transfers;
mod unknown_repos;
mod unreadable_repos;
mod waiting;
mod warnings;
mod webhooks;
mod write_permission;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};

use async_lock::OnceCell;

pub use self::agent_list::AgentList;
use self::allowed_repos::Allowed;
pub use self::attention::{Attention, AttentionKind};
pub use self::authors::Trusted;
pub use self::claim_lists::Work;
pub use self::claims::{Claimed, Updated};
pub use self::database::DatabaseInfo;
pub use self::deliveries_list::{Deliveries, OutboxList};
pub use self::events::{EventGap, EventPage, EventQuery, GapReason, event_page};
pub use self::explain::{Example, Explanation, Hindrance, WhyNot};
pub use self::followups::MovedFollowup;
pub use self::halts::ShownHalt;
pub use self::health::{Health, Measures};
pub use self::holdings::ShownHolding;
pub use self::issue_history::{AgentPage, HistoryPage, IssueHistory};
pub use self::issue_list::{
    IssueCounts, IssueList, IssueListQuery, LineState, ListCursor, ListPart, ListPlace, ListedIssue,
};
pub use self::issues::{IssueDetails, Readiness, RepoList};
pub use self::latest_events::{LatestEvents, LatestEventsQuery};
pub use self::next_work::{AssignedIssue, AssignedWork};
pub use self::outbox::OutboxReport;
pub use self::overview::Overview;
pub use self::people::ParkOrOffer;
pub use self::sessions::{AgentState, Beat, CallerNews, ToldNotice};
pub use self::sign_in::SignedIn;
pub use self::standing_warnings::StandingWarnings;
pub use self::statistics::{DayStatistics, Level, Spread, Statistics};
pub use self::sync::{SyncReport, SyncWatch};
pub use self::together::beside;
pub use self::waiting::Waiter;
use self::warnings::Findings;
pub use self::webhooks::DeliveryOutcome;
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::{Failure, StoreError};
use crate::domain::policy::Policy;
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Clock, Millis, Timestamp};
use crate::engine::command::{Answer, Command, Missing, Outcome};
use crate::ports::deliveries::DeliveryDecoder;
use crate::ports::github::GitHub;
use crate::ports::processes::{NoProcesses, Processes};
use crate::ports::repo_policies::RepoPolicyReader;
use crate::ports::store::Store;

/// Why a use case returned no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// A refusal, which is an answer and not a fault.
    Refused(Box<Refusal>),
    /// A refusal to give an agent any issue, with what stands against those that there are.
    NoWork {
        /// The refusal.
        refusal: Box<Refusal>,
        /// How many issues there are, and why none is handed out.
        why: Box<Explanation>,
    },
    /// An error.
    Failed(Failure),
}

impl From<Failure> for ServiceError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Failed(Failure::Store(error))
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// The result of a use case.
pub type ServiceResult<T> = Result<T, ServiceError>;

/// Everything that IssueCommand can do, over a store and GitHub. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Service {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) github: Arc<dyn GitHub>,
    pub(crate) clock: Arc<dyn Clock>,
    allowed: Scope,
    allowed_now: Arc<RwLock<Allowed>>,
    findings: Arc<Mutex<Findings>>,
    rereading: Arc<Mutex<BTreeMap<String, bool>>>,
    holder: Arc<str>,
    /// Counts the leases that calls of this process take, so that each has its own holder name.
    turns: Arc<AtomicU64>,
    started: Timestamp,
    decoder: Option<Arc<dyn DeliveryDecoder>>,
    ignores_self: bool,
    full_sync: Millis,
    candidates: Arc<candidates::Candidates>,
    viewer: Arc<OnceCell<String>>,
    standing: StandingWarnings,
    database: Option<Arc<DatabaseInfo>>,
    writers: Arc<write_permission::Writers>,
    reads: Arc<read_cache::Reads>,
    watch: Option<Arc<dyn SyncWatch>>,
    policy: Arc<Policy>,
    processes: Arc<dyn Processes>,
    heard: Arc<sessions::Heard>,
    open_pulls: Arc<open_pulls::OpenPulls>,
    trusted: Trusted,
    /// Whether this process recorded the credential's user.
    told_login: Arc<AtomicBool>,
    policy_reader: Option<Arc<dyn RepoPolicyReader>>,
    policy_reads: Arc<repo_policies::PolicyReads>,
    waiting: Arc<waiting::Waiting>,
}

impl Service {
    /// The default of `FULL_SYNC_HOURS`: how often a repository is read completely again.
    pub const FULL_SYNC: Millis = Millis::minutes(6 * 60);

    /// The default of `ISSUE_CHECK_SECONDS`: how long issue details that were read from GitHub are reused.
    pub const ISSUE_CHECK: Millis = Millis::seconds(60);

    /// `allowed` is `ALLOWED_REPOS`. `holder` names this process in leases and must be unique to it.
    pub fn new(
        store: Arc<dyn Store>,
        github: Arc<dyn GitHub>,
        clock: Arc<dyn Clock>,
        allowed: Scope,
        holder: &str,
    ) -> Self {
        let started = clock.now();
        Self {
            store,
            github,
            clock,
            allowed_now: Arc::new(RwLock::new(Allowed::by_name(&allowed))),
            findings: Arc::default(),
            rereading: Arc::default(),
            allowed,
            holder: holder.into(),
            turns: Arc::default(),
            started,
            decoder: None,
            ignores_self: false,
            full_sync: Self::FULL_SYNC,
            candidates: Arc::default(),
            viewer: Arc::new(OnceCell::new()),
            standing: StandingWarnings::default(),
            database: None,
            writers: Arc::default(),
            reads: Arc::new(read_cache::Reads::new(Self::ISSUE_CHECK)),
            watch: None,
            policy: Arc::default(),
            processes: Arc::new(NoProcesses),
            heard: Arc::default(),
            open_pulls: Arc::default(),
            trusted: Trusted::default(),
            told_login: Arc::default(),
            policy_reader: None,
            policy_reads: Arc::default(),
            waiting: Arc::default(),
        }
    }

    /// Sets the decoder of GitHub's deliveries. With `ignores_self` (`FOLLOWUP_IGNORE_SELF`), feedback by the credential's own
    /// user creates no follow-up.
    #[must_use]
    pub fn reading(mut self, decoder: Arc<dyn DeliveryDecoder>, ignores_self: bool) -> Self {
        (self.decoder, self.ignores_self) = (Some(decoder), ignores_self);
        self
    }

    /// Sets the longest time between two complete readings of a repository (`FULL_SYNC_HOURS`).
    #[must_use]
    pub fn reading_whole_each(mut self, every: Millis) -> Self {
        self.full_sync = every;
        self
    }

    /// Sets how long issue details that were read from GitHub are reused (`ISSUE_CHECK_SECONDS`).
    #[must_use]
    pub fn rereading_after(mut self, age: Millis) -> Self {
        self.reads = Arc::new(read_cache::Reads::new(age));
        self
    }

    /// Sets the operator's settings, those of the store. By them it shows when a claim goes stale and which sessions are alive.
    #[must_use]
    pub fn under(mut self, policy: &Policy) -> Self {
        self.policy = Arc::new(policy.clone());
        self
    }

    /// The operator's settings.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sets an observer that is called after each run of the sync.
    #[must_use]
    pub fn watched(mut self, watch: Arc<dyn SyncWatch>) -> Self {
        self.watch = Some(watch);
        self
    }

    /// The store, for readers of the event log.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The clock of this service.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Refuses a repository that the caller may not see.
    pub(crate) fn permit(caller: &Caller, repo: &RepoName) -> Result<(), Failure> {
        if caller.scope.has(repo) {
            Ok(())
        } else {
            Err(Failure::RepoNotAllowed { repo: repo.clone() })
        }
    }

    /// Runs a command of IssueCommand itself and returns its answer.
    pub(crate) async fn note(&self, command: Command) -> Result<Answer, Failure> {
        let command = command.skewed(self.github.skew());
        match self.store.transact(command).await? {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Missing(Missing::Lease(name)) => Err(Failure::LeaseLost(name)),
            Outcome::Missing(Missing::Repo(repo)) => Err(Failure::RepoNotFound { repo }),
            other => Err(Failure::Internal(format!(
                "a background command came to {other:?}"
            ))),
        }
    }
}
