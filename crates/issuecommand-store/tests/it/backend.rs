//! A backend that stores only leases, records every call, and fails on request.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::issue::MirroredIssue;
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::time::{Millis, StoreTime, Timestamp};
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;
use issuecommand_store::Backend;
use issuecommand_testkit::builders::{facts, issue};
use tokio::sync::Semaphore;

/// The recorded calls and the planned failures.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct State {
    /// The names of the leases of each commit.
    pub(crate) commits: Vec<Vec<String>>,
    pub(crate) open: bool,
    pub(crate) closed: bool,
    /// How many more times the lock is busy.
    pub(crate) busy: usize,
    /// A lease of this name cannot be written.
    pub(crate) poison: Option<&'static str>,
    /// How many commits have an unknown outcome.
    pub(crate) lost_commits: usize,
    /// How many more commits are delayed by a lock.
    pub(crate) busy_commits: usize,
    /// Nothing can be written.
    pub(crate) full: bool,
    /// There is one issue to claim.
    pub(crate) with_issue: bool,
    written: Vec<String>,
}

/// A backend that fails on request. A clone is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    /// One permit lets one transaction begin.
    pub(crate) gate: Arc<Semaphore>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
        }
    }

    /// One without delays.
    pub(crate) fn running() -> Self {
        let fake = Self::new();
        fake.gate.add_permits(10_000);
        fake
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// A command that is written as a lease of that name.
pub(crate) fn lease(name: &str) -> Command {
    Command::system(Action::AcquireLease {
        name: name.to_owned(),
        holder: "me".to_owned(),
        length: Millis::seconds(30),
    })
}

/// A command that makes a claim, if there is an issue.
pub(crate) fn claim() -> Command {
    issuecommand_testkit::builders::claim("ann", "acme/api", 1)
}

/// A command that changes nothing.
pub(crate) fn nothing() -> Command {
    issuecommand_testkit::builders::settle(&issuecommand_testkit::builders::no_entry(), None)
}

#[async_trait]
impl Backend for Fake {
    async fn begin(&mut self) -> Result<StoreTime, StoreError> {
        self.gate.acquire().await.unwrap().forget();
        let mut state = self.state();
        assert!(!state.open, "a transaction within a transaction");
        if state.busy > 0 {
            state.busy -= 1;
            drop(state);
            self.gate.add_permits(1);
            return Err(StoreError::Busy("held".to_owned()));
        }
        state.open = true;
        Ok(Timestamp(1_000).into())
    }

    async fn load(&mut self, _needs: &ReadSet) -> Result<View, StoreError> {
        let state = self.state();
        assert!(state.open);
        let mut view = View::new(1);
        if state.with_issue {
            let repo = Repo::new(RepoId(1), facts("acme/api"), true, Timestamp(0));
            view.load_name("acme/api".to_owned(), repo.id);
            view.load_issue(MirroredIssue {
                repo: repo.id,
                repo_name: repo.facts.name.clone(),
                facts: issue(1).build(),
                rank: Priority::Medium,
                withheld: None,
                checked_at: Timestamp(1_000),
                etag: None,
            });
            view.load_repo(repo);
        }
        Ok(view)
    }

    async fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError> {
        let mut state = self.state();
        assert!(state.open);
        if state.full {
            let (why, detail) = (Unwritable::DiskFull, "no room".to_owned());
            return Err(StoreError::Unwritable { why, detail });
        }
        let names: Vec<String> = writes
            .tables
            .leases
            .put
            .into_iter()
            .map(|lease| lease.name)
            .collect();
        if state
            .poison
            .is_some_and(|poison| names.iter().any(|name| name == poison))
        {
            return Err(StoreError::Corrupt("poison".to_owned()));
        }
        state.written = names;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let mut state = self.state();
        assert!(state.open);
        if state.busy_commits > 0 {
            state.busy_commits -= 1;
            return Err(StoreError::Busy("a reader".to_owned()));
        }
        let written = std::mem::take(&mut state.written);
        state.commits.push(written);
        if state.lost_commits > 0 {
            state.lost_commits -= 1;
            return Err(StoreError::OutcomeUnknown("the disk went away".to_owned()));
        }
        state.open = false;
        Ok(())
    }

    async fn rollback(&mut self) {
        self.state().open = false;
    }

    async fn close(self) {
        self.state().closed = true;
    }
}
