//! Reads the open pull requests of a repository for the issues that they close, where no delivery told of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Service;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::lease::LeaseProof;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncFault;
use crate::domain::time::Timestamp;
use crate::domain::webhook::GithubEvent;
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};

/// The most pages of one list: 10,000 pull requests.
const PAGES: usize = 100;
/// The most pull requests that one reading records, each of which may need a question about its author. The rest follows at the next
/// sync.
const RECORDED: usize = 200;
/// The most pull requests that are remembered.
const REMEMBERED: usize = 20_000;

/// What this process has read. A process that starts anew reads each list once.
#[derive(Debug, Default)]
pub(crate) struct OpenPulls(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The repositories of which nothing has changed since their list was read.
    current: BTreeSet<RepoName>,
    /// The recorded pull requests, with the change that was recorded last.
    recorded: BTreeMap<(RepoName, IssueNumber), Option<Timestamp>>,
}

impl OpenPulls {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A list of issues showed that a pull request of the repository changed.
    pub(super) fn changed(&self, repo: &RepoName) {
        self.lock().current.remove(repo);
    }

    /// Whether this state of a pull request is to be recorded: one that closes issues, or did.
    fn is_new(&self, key: &(RepoName, IssueNumber), at: Option<Timestamp>, closes: bool) -> bool {
        match self.lock().recorded.get(key) {
            Some(recorded) => *recorded != at || at.is_none(),
            None => closes,
        }
    }

    fn keep(&self, key: (RepoName, IssueNumber), at: Option<Timestamp>) {
        let mut known = self.lock();
        if known.recorded.len() >= REMEMBERED {
            known.recorded.clear();
        }
        known.recorded.insert(key, at);
    }
}

impl Service {
    /// Reads the open pull requests of a repository if any may have changed. Returns what could not be read: the issues are followed
    /// without them.
    pub(super) async fn follow_open_pulls(
        &self,
        repo: &RepoName,
        lease: Option<&LeaseProof>,
    ) -> Result<Vec<SyncFault>, Failure> {
        // A change while they are read counts for the next time.
        if !self.open_pulls.lock().current.insert(repo.clone()) {
            return Ok(Vec::new());
        }
        // Boxed, since it is a large future within that of every call that may have to read a repository.
        let read = Box::pin(self.read_open_pulls(repo, lease)).await;
        if !matches!(read, Ok(true)) {
            self.open_pulls.changed(repo);
        }
        match read {
            Ok(_) => Ok(Vec::new()),
            Err(Failure::Github(error)) if error.retry_after.is_none() => {
                let reason = format!("the list of open pull requests cannot be read: {error}");
                Ok(vec![SyncFault::new(Some(repo), None, &reason)])
            }
            Err(failure) => Err(failure),
        }
    }

    /// Returns whether all of them were recorded.
    async fn read_open_pulls(
        &self,
        repo: &RepoName,
        lease: Option<&LeaseProof>,
    ) -> Result<bool, Failure> {
        let (mut page, mut recorded) = (None, 0);
        for _ in 0..PAGES {
            let read = self.github.open_pulls(repo, page.as_deref()).await?;
            for meaning in read.pulls {
                let GithubEvent::Pull { pull, .. } = &meaning else {
                    continue;
                };
                let (key, at) = ((repo.clone(), pull.number), pull.updated_at);
                if !self.open_pulls.is_new(&key, at, !pull.closes.is_empty()) {
                    continue;
                }
                if recorded == RECORDED {
                    return Ok(false);
                }
                recorded += 1;
                self.record_open_pull(meaning, lease).await?;
                self.open_pulls.keep(key, at);
            }
            page = read.next;
            if page.is_none() {
                return Ok(true);
            }
        }
        Ok(true)
    }

    async fn record_open_pull(
        &self,
        meaning: GithubEvent,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let meaning = self.with_author(self.with_viewer(meaning).await).await;
        let command = Command::system(Action::ApplyPolledEvent(Box::new(meaning))).under(lease);
        match self.informed(command.skewed(self.github.skew())).await? {
            Outcome::Done(Answer::Delivery { .. }) => Ok(()),
            Outcome::Missing(Missing::Lease(name)) => Err(Failure::LeaseLost(name)),
            other => Err(Failure::Internal(format!(
                "an open pull request came to {other:?}"
            ))),
        }
    }
}
