//! The use cases: they talk to GitHub outside of any transaction, turn what it said into commands, and hold no rule of
//! their own.

#![expect(
    clippy::missing_errors_doc,
    reason = "every use case says no as `No` says, in the same ways"
)]

mod allowed_repos;
mod candidates;
mod claims;
mod database;
mod first_sync;
mod followups;
mod full_sync;
mod health;
mod holder_notices;
mod issues;
mod label_changes;
mod latest_comments;
mod list_pages;
mod next_work;
mod outbox;
mod read_cache;
mod standing_warnings;
mod sync;
mod sync_now;
mod timeout;
mod transfers;
mod unknown_repos;
mod unreadable_repos;
mod warnings;
mod webhooks;
mod write_permission;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};

use async_lock::OnceCell;

use self::allowed_repos::Allowed;
pub use self::claims::{Claimed, Updated};
pub use self::database::DatabaseInfo;
pub use self::followups::MovedFollowup;
pub use self::health::{Health, Measures, Work};
pub use self::issues::{IssueDetails, RepoList};
pub use self::next_work::AssignedWork;
pub use self::outbox::OutboxReport;
pub use self::standing_warnings::StandingWarnings;
pub use self::sync::{SyncReport, SyncWatch};
use self::warnings::Findings;
pub use self::webhooks::DeliveryOutcome;
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::{Failure, StoreError};
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Clock, Millis, Timestamp};
use crate::engine::command::{Answer, Command, Missing, Outcome};
use crate::ports::deliveries::DeliveryDecoder;
use crate::ports::github::GitHub;
use crate::ports::store::Store;

/// Why a use case gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// A plain no: an answer like any other.
    Refused(Box<Refusal>),
    /// Something went wrong.
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

/// What a use case comes back with.
pub type ServiceResult<T> = Result<T, ServiceError>;

/// All that IssueCommand can do, over a store and GitHub. Cheap to clone.
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
    /// Numbers what this process does under leases of its own.
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
}

impl Service {
    /// How often a repository is read whole again where nothing else is said.
    pub const FULL_SYNC: Millis = Millis::minutes(6 * 60);

    /// How long details of an issue that were read from GitHub are given again where nothing else is said.
    pub const ISSUE_CHECK: Millis = Millis::seconds(60);

    /// `allowed` is `ALLOWED_REPOS`; `holder` names this process in leases and must be unlike every other process's.
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
        }
    }

    /// The same, reading deliveries of GitHub by this decoder. With `ignores_self` (`FOLLOWUP_IGNORE_SELF`) what the
    /// credential's own user says makes no follow-up.
    #[must_use]
    pub fn reading(mut self, decoder: Arc<dyn DeliveryDecoder>, ignores_self: bool) -> Self {
        (self.decoder, self.ignores_self) = (Some(decoder), ignores_self);
        self
    }

    /// The same, reading each repository whole again at least this often (`FULL_SYNC_HOURS`).
    #[must_use]
    pub fn reading_whole_each(mut self, every: Millis) -> Self {
        self.full_sync = every;
        self
    }

    /// The same, giving details of an issue that were read from GitHub again for so long (`ISSUE_CHECK_SECONDS`).
    #[must_use]
    pub fn rereading_after(mut self, age: Millis) -> Self {
        self.reads = Arc::new(read_cache::Reads::new(age));
        self
    }

    /// The same, telling of each run of the sync that has ended.
    #[must_use]
    pub fn watched(mut self, watch: Arc<dyn SyncWatch>) -> Self {
        self.watch = Some(watch);
        self
    }

    /// The store, for readers of the event log.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The clock that this service goes by.
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

    /// Runs IssueCommand's own command, for its answer.
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
