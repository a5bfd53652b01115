//! What the engine must see to decide: a closed set, loaded by a store in one round for a whole batch of commands.

use std::collections::BTreeSet;

use crate::claim::{ClaimStatus, parse_pr_url, staleness};
use crate::command::{Action, Command, Scope};
use crate::id::{ClaimId, IssueKey, IssueNumber, Principal};
use crate::issue::IssueFilter;
use crate::outbox::OutboxId;
use crate::policy::Policy;
use crate::repo::RepoName;
use crate::time::Timestamp;

/// How many rows one sweep or rerank takes at most.
pub const CHUNK: usize = 500;

/// A list of candidates: issues that are ready, match the filter and are within the scope, in serving order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowNeed {
    /// What they must be.
    pub filter: IssueFilter,
    /// Where they may be.
    pub scope: Scope,
}

/// Which active claims have been silent for too long: those of these statuses, last updated at or before the moment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cutoff {
    /// The statuses.
    pub status: ClaimStatus,
    /// The moment.
    pub before: Timestamp,
}

/// A page of the mirror in order of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageNeed {
    /// The row that it begins behind; `None` for the first page.
    pub after: Option<IssueKey>,
}

impl PageNeed {
    /// The page that a command needs.
    pub(crate) fn of(command: &Command) -> Option<Self> {
        match command.action {
            Action::Rerank(after) => Some(Self { after }),
            _ => None,
        }
    }
}

/// Everything that a batch needs.
///
/// Loading keeps to these rules. Claims come with their whole history; with every claim and every key in `issues` come its
/// mirrored issue, its repository, and the active claim on it; repositories come for every row. Names come for `repos` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Repositories by name key (lower case), present or former.
    pub repos: BTreeSet<String>,
    /// All repositories.
    pub all_repos: bool,
    /// Issues by the repository's name key and number.
    pub issues: BTreeSet<(String, IssueNumber)>,
    /// Claims, active or ended.
    pub claims: BTreeSet<ClaimId>,
    /// Candidate lists; each is to hold `consumers` rows or all there are. With them, whether any repository is known,
    /// and which offered ones were never synced.
    pub windows: BTreeSet<WindowNeed>,
    /// How many commands of the batch may take a candidate.
    pub consumers: usize,
    /// Claims that have expired, [`CHUNK`] at most.
    pub expired: BTreeSet<Cutoff>,
    /// A page of the mirror, [`CHUNK`] rows at most.
    pub page: Option<PageNeed>,
    /// Outbox entries.
    pub outbox: BTreeSet<OutboxId>,
    /// Remembered answers.
    pub remembered: BTreeSet<(Principal, String)>,
    /// Leases by name.
    pub leases: BTreeSet<String>,
}

impl Needs {
    /// What this batch needs to see.
    pub fn of<'a>(
        commands: impl IntoIterator<Item = &'a Command>,
        policy: &Policy,
        now: Timestamp,
    ) -> Self {
        let mut needs = Self::default();
        for command in commands {
            needs.add(command, policy, now);
        }
        needs
    }

    fn add(&mut self, command: &Command, policy: &Policy, now: Timestamp) {
        if let Some(key) = &command.idempotency {
            self.remembered
                .insert((command.caller.principal.clone(), key.key.clone()));
        }
        if let Some(lease) = &command.lease {
            self.leases.insert(lease.name.clone());
        }
        match &command.action {
            Action::ClaimIssue { repo, number, .. } => {
                self.consumers += 1;
                self.issue(repo, *number);
            }
            Action::NextIssue { filter, .. } => {
                self.consumers += 1;
                if let Some(repo) = &filter.repo {
                    self.repos.insert(repo.key().to_owned());
                }
                let scope = command.caller.scope.clone();
                self.windows.insert(WindowNeed {
                    filter: filter.clone(),
                    scope,
                });
            }
            Action::UpdateClaim { claim, pr_url, .. } => {
                self.claims.insert(*claim);
                if let Some((repo, _)) = pr_url.as_deref().and_then(parse_pr_url) {
                    self.repos.insert(repo.key().to_owned());
                }
            }
            Action::ReleaseClaim { claim, .. } => {
                self.claims.insert(*claim);
            }
            Action::SeeRepos(_) => self.all_repos = true,
            Action::LoseRepo(repo) | Action::FinishPoll { repo, .. } => {
                self.repos.insert(repo.key().to_owned());
            }
            Action::SeeIssues { repo, issues } => {
                self.repos.insert(repo.key().to_owned());
                for issue in issues {
                    self.issue(repo, issue.number);
                }
            }
            Action::SeeIssue { repo, number, .. } => self.issue(repo, *number),
            Action::FinishSync(_) => {}
            Action::Sweep => {
                for status in ClaimStatus::ALL {
                    if let Some(patience) = staleness::patience(status, policy) {
                        self.expired.insert(Cutoff {
                            status,
                            before: now.minus(patience),
                        });
                    }
                }
            }
            // One page a batch: the first that is wanted.
            Action::Rerank(_) => self.page = self.page.or(PageNeed::of(command)),
            Action::TakeLease { name, .. } => {
                self.leases.insert(name.clone());
            }
            Action::GiveLease(proof) => {
                self.leases.insert(proof.name.clone());
            }
            Action::SettleOutbox { id, .. } => {
                self.outbox.insert(*id);
            }
        }
    }

    fn issue(&mut self, repo: &RepoName, number: IssueNumber) {
        self.repos.insert(repo.key().to_owned());
        self.issues.insert((repo.key().to_owned(), number));
    }
}
