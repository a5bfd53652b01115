//! The rows that the engine needs to decide, loaded by a store in one round for a whole batch.

mod asking;
mod discussion;
mod edges;
mod expiry;
mod github_events;
mod sign_in;

use std::collections::{BTreeMap, BTreeSet};

pub use self::asking::Asking;
pub use self::discussion::Talk;
pub use self::edges::EdgeNeed;
pub use self::expiry::Cutoff;
use crate::domain::claim::PullRef;
use crate::domain::followup::{SourceId, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber, PullKey, RepoId};
use crate::domain::issue::{IssueFilter, IssueLookup};
use crate::domain::policy::Policy;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{StoreTime, Timestamp};
use crate::engine::command::{Action, CandidateChecks, Command, HaltTarget, RepoPage, RetryOf};
use crate::engine::tables::PlainKeys;
use crate::engine::view::{Rows, View};
use crate::engine::windows::{FollowupWindowNeed, WindowNeed};

/// The most rows in one sweep or rerank.
pub const CHUNK: usize = 500;

/// How many follow-ups that other sessions of the agent hold are looked past before the agent gets other work.
pub(crate) const PASSED_OVER: usize = 20;

/// A page of the mirror in order of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageNeed {
    /// The key before the page; `None` for the first page.
    pub after: Option<IssueKey>,
}

impl PageNeed {
    /// The page that a command needs.
    pub(crate) fn of(command: &Command) -> Option<Self> {
        match command.action {
            Action::Rerank(after) => Some(Self { after }),
            Action::JudgeRepo(RepoPage { repo, after, .. }) => {
                let before = (RepoId(repo.0 - 1), IssueNumber::MAX);
                let after = Some(after.map_or(before, |number| (repo, number)));
                Some(Self { after })
            }
            _ => None,
        }
    }
}

/// Everything that a batch needs.
///
/// Loading follows these rules. Claims come with their whole history. Every claim and every key in `issues` brings its mirrored
/// issue, its repository, the active claim on it, and the claims that GitHub's closing of it ended. Every row brings its
/// repository. Every key in `pulls`, and the pull request of every loaded follow-up and of every claim so loaded, brings its
/// row, all its open follow-ups (each with all feedback events and its whole history), the events that its closing suspended,
/// with their texts, and the active claims that name it (these not always with their issues). Names come for `repos` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSet {
    /// Rows of the plain tables.
    pub tables: PlainKeys,
    /// Repositories by present or former name key (lower case).
    pub repos: BTreeSet<String>,
    /// Whether to load all repositories.
    pub all_repos: bool,
    /// Issues by the repository's name key and number.
    pub issues: BTreeSet<(String, IssueNumber)>,
    /// Claims, active or ended.
    pub claims: BTreeSet<ClaimId>,
    /// Candidate lists, each with at least `consumers` rows or all there are. With them come whether GitHub ever showed any
    /// repository, and the offered ones that were never synced.
    pub windows: BTreeSet<WindowNeed>,
    /// How many commands of the batch may take a candidate.
    pub consumers: usize,
    /// Repositories by GitHub's id.
    pub github_ids: BTreeSet<i64>,
    /// Pull requests by the repository's name key and number.
    pub pulls: BTreeSet<(String, IssueNumber)>,
    /// Numbers of pull requests whose feedback events are all needed.
    pub whole_pulls: BTreeSet<IssueNumber>,
    /// Feedback on pull requests, by number; see [`ReadSet::is_light`].
    pub talk: BTreeMap<IssueNumber, Vec<Talk>>,
    /// Pull requests by the repository's GitHub id, because its name may have changed.
    pub pulls_by_id: BTreeSet<(i64, IssueNumber)>,
    /// Pull requests in the repository of a claim.
    pub pulls_of_claims: BTreeSet<(ClaimId, IssueNumber)>,
    /// Issues by the repository's GitHub id.
    pub issues_by_id: BTreeSet<(i64, IssueNumber)>,
    /// Whether links are judged. The loaded pull requests and the issues they closed before then bring the pull requests that
    /// close the issues of the loaded claims, and those that these claims have.
    pub links: bool,
    /// Open follow-ups, by id.
    pub items: BTreeSet<WorkItemId>,
    /// Feedback events, each with its later versions that are separate events, with the texts that are kept, and with the open
    /// follow-ups that hold them.
    pub sources: BTreeSet<SourceId>,
    /// Candidate lists of follow-ups, each with at least `consumers` rows or all there are.
    pub followup_windows: BTreeSet<FollowupWindowNeed>,
    /// Affinity windows that began at or before this time are over, for the lists of follow-ups.
    pub affinity_passed: Timestamp,
    /// Open follow-ups that are not stale and whose last sign of life is at or before this time, at most [`CHUNK`].
    pub expired_items: Option<Timestamp>,
    /// Expired claims, at most [`CHUNK`].
    pub expired: BTreeSet<Cutoff>,
    /// Active claims without a pull request of sessions that were said to be over at or before this time, at most [`CHUNK`]; none
    /// of an agent that was heard in another session since.
    pub left_behind: Option<Timestamp>,
    /// A page of the mirror, at most [`CHUNK`] rows.
    pub page: Option<PageNeed>,
    /// Name keys of repositories, each with a time: the issues that were reported closed before it and are withheld since.
    pub reported_closed: BTreeMap<String, Timestamp>,
    /// What to load about the agents that ask for work.
    pub asking: Asking,
    /// Agents whose sessions are all needed.
    pub sessions_of: BTreeSet<AgentId>,
    /// Agents whose notices are all needed.
    pub notices_of: BTreeSet<AgentId>,
    /// Agents of which the first [`MOST`](crate::domain::holding::Holding::MOST) active claims and held follow-ups are listed, oldest first, claims before follow-ups.
    pub holdings_of: BTreeSet<AgentId>,
    /// How many follow-ups of a candidate list may be passed over, because other sessions of the asking agent hold them.
    pub passed_over: usize,
    /// Authors by the repository's name key and login, each with whether it may write: its open issues that were judged otherwise, at
    /// most [`CHUNK`] of each.
    pub authors: BTreeSet<(String, String, bool)>,
    /// Which edges to load.
    pub edges: EdgeNeed,
    /// Whether to load what the latest sync runs could not read, at most [`crate::domain::sync::SyncFailure::MAX`].
    pub sync_failures: bool,
}

impl ReadSet {
    /// The rows that a batch needs.
    pub fn of<'a>(
        commands: impl IntoIterator<Item = &'a Command>,
        policy: &Policy,
        now: impl Into<StoreTime>,
    ) -> Self {
        let mut needs = Self::default();
        let time = policy.heed(now.into());
        for command in commands {
            needs.add(command, policy, time);
        }
        needs
    }

    #[expect(clippy::too_many_lines, reason = "one arm an action")]
    fn add(&mut self, command: &Command, policy: &Policy, time: StoreTime) {
        if let Some(key) = &command.idempotency {
            let key = (command.caller.principal.clone(), key.key.clone());
            self.tables.idempotency.keys.insert(key);
        }
        if let Some(lease) = &command.lease {
            self.tables.leases.keys.insert(lease.name().to_owned());
        }
        if let Some(agent) = command.action.agent()
            && command.caller.session.is_some()
        {
            self.sessions_of.insert(agent.clone());
        }
        self.need_edges(&command.action, policy);
        match &command.action {
            Action::ClaimIssue { repo, number, .. } => {
                self.consumers += 1;
                self.tables.halts.all = true;
                self.issue(repo, *number);
            }
            Action::NextIssue {
                agent,
                filter,
                checks,
            } => {
                self.window(command, agent, filter, checks);
                self.asks(agent, policy, time);
            }
            Action::NextWork {
                agent,
                filter,
                checks,
            } => {
                self.window(command, agent, filter, checks);
                self.asks(agent, policy, time);
                self.affinity_passed = time.silent_since(policy.affinity);
                if command.caller.session.is_some() {
                    self.passed_over = PASSED_OVER;
                }
                self.followup_windows.insert(FollowupWindowNeed {
                    agent: agent.clone(),
                    repo: filter.repo.as_ref().map(|repo| repo.key().to_owned()),
                    scope: command.caller.scope.clone(),
                });
            }
            Action::UpdateFollowup { item, .. } | Action::DismissFollowup(item, _) => {
                self.consumers += 1;
                self.items.insert(*item);
            }
            Action::ProcessDelivery { delivery, meaning } => {
                self.tables.deliveries.keys.extend(delivery.id.clone());
                self.meaning(meaning);
            }
            Action::DeferDelivery { id, .. } => {
                self.tables.deliveries.keys.insert(id.clone());
            }
            Action::ApplyPolledEvent(meaning) => self.meaning(meaning),
            Action::FinishPullPoll { repo, number, .. }
            | Action::RecordHead { repo, number, .. } => {
                self.whole_pull(repo, *number);
            }
            Action::UpdateClaim {
                claim,
                agent,
                pr_url,
                ..
            } => {
                self.claims.insert(*claim);
                self.tables.quick_releases.keys.insert(agent.clone());
                match pr_url.as_deref().and_then(PullRef::parse) {
                    Some(PullRef::In { repo, number, .. }) => {
                        self.links = true;
                        self.repos.insert(repo.key().to_owned());
                        self.pulls.insert((repo.key().to_owned(), number));
                    }
                    Some(PullRef::Here(number)) => {
                        self.links = true;
                        self.pulls_of_claims.insert((*claim, number));
                    }
                    None => {}
                }
            }
            Action::ReleaseClaim { claim, agent, .. } => {
                self.claims.insert(*claim);
                self.tables.quick_releases.keys.insert(agent.clone());
            }
            Action::SetHalt { target, .. } => {
                self.tables.halts.all = true;
                if let HaltTarget::Repo(repo) = target {
                    self.repos.insert(repo.key().to_owned());
                }
            }
            Action::GiveClaim { claim, .. } | Action::NotifyRepoHolder(claim) => {
                self.claims.insert(*claim);
            }
            Action::GiveFollowup { item, .. } => {
                self.items.insert(*item);
            }
            Action::RecordRepos(_) => self.all_repos = true,
            Action::NameRepo {
                name, github_id, ..
            } => {
                self.repos.insert(name.key().to_owned());
                self.github_ids.insert(*github_id);
            }
            Action::FinishPoll { repo, began, .. } => {
                self.repos.insert(repo.key().to_owned());
                self.reported_closed.insert(repo.key().to_owned(), *began);
            }
            Action::MarkRepoUnavailable(repo)
            | Action::RecordPolicy(repo, _)
            | Action::CompareCounts { repo, .. } => {
                self.repos.insert(repo.key().to_owned());
            }
            Action::RecordIssues {
                repo,
                issues,
                pulls,
            } => {
                self.repos.insert(repo.key().to_owned());
                let closed = pulls.iter().filter(|pull| !pull.open);
                let numbers = issues.iter().map(|issue| issue.number);
                for number in numbers.chain(closed.map(|pull| pull.number)) {
                    self.issue(repo, number);
                }
            }
            Action::RecordIssue { repo, number, seen } => self.issue_seen(repo, *number, seen),
            Action::RecordEdges { repo, number, seen } => {
                self.issue(repo, *number);
                let ends = seen.blockers.iter().chain(&seen.children).flatten();
                for end in ends {
                    self.end(&end.place);
                }
            }
            Action::RecordCycles(_) => self.tables.cycles.all = true,
            Action::RecordLogin(_) => {}
            Action::RecordWriters { repo, rights } => {
                self.repos.insert(repo.key().to_owned());
                let authors = rights.iter();
                let authors =
                    authors.map(|(login, may)| (repo.key().to_owned(), login.to_lowercase(), *may));
                self.authors.extend(authors);
            }
            Action::FinishSync { .. } => self.sync_failures = true,
            Action::Sweep => self.expired(policy, time),
            Action::AskReadiness { repo, number } => {
                self.tables.halts.all = true;
                self.issue(repo, *number);
            }
            Action::ParkIssue { repo, number, .. } | Action::OfferIssue { repo, number, .. } => {
                self.issue(repo, *number);
            }
            Action::AskAgent(agent) => self.asks(agent, policy, time),
            // A batch loads one page: the first that a command needs.
            Action::Rerank(_) | Action::JudgeRepo(_) => {
                self.page = self.page.or(PageNeed::of(command));
            }
            Action::Heard { agent, holds, .. } => {
                self.tables.agents.keys.insert(agent.clone());
                self.notices_of.insert(agent.clone());
                if *holds {
                    self.holdings_of.insert(agent.clone());
                }
            }
            Action::EndSession { agent, .. } => {
                self.sessions_of.insert(agent.clone());
            }
            Action::AcquireLease { name, .. } => {
                self.tables.leases.keys.insert(name.clone());
            }
            Action::ReleaseLease(proof) => {
                self.tables.leases.keys.insert(proof.name().to_owned());
            }
            Action::SignIn(what) => self.sign_in(what),
            Action::Retry(RetryOf::Delivery(id)) => {
                self.tables.deliveries.keys.insert(id.clone());
            }
            Action::Retry(RetryOf::Write(id)) => {
                self.tables.outbox.keys.insert(*id);
            }
            Action::CreateKey(_) | Action::RevokeKey(_) => self.tables.access_keys.all = true,
            Action::SettleOutbox { entry, .. } => {
                self.tables.outbox.keys.insert(entry.id);
                self.claims.extend(entry.claim);
                let (repo, number) = entry.write.issue();
                self.issue(repo, number);
            }
        }
    }

    fn window(
        &mut self,
        command: &Command,
        agent: &AgentId,
        filter: &IssueFilter,
        checks: &CandidateChecks,
    ) {
        self.consumers += 1 + checks.busy.len();
        self.repos
            .extend(filter.repo.as_ref().map(|repo| repo.key().to_owned()));
        self.windows.insert(WindowNeed {
            agent: agent.clone(),
            filter: filter.clone(),
            scope: command.caller.scope.clone(),
        });
    }

    fn issue_seen(&mut self, repo: &RepoName, number: IssueNumber, seen: &IssueLookup) {
        self.issue(repo, number);
        if let IssueLookup::Transferred { to, issue, .. } = seen {
            self.github_ids.insert(to.github_id);
            self.issue(&to.name, issue.number);
            self.issues_by_id.insert((to.github_id, issue.number));
        }
    }

    /// Whether a pull request's open follow-ups may be loaded with only the feedback events in `sources`. That is so if the
    /// batch concerns no other event. The check needs its row and the events in `sources` in the view. It keeps a pull request
    /// with ten thousand comments fast.
    pub fn is_light(&self, key: PullKey, view: &View) -> bool {
        let talk = self.talk.get(&key.1);
        let mut talk = talk.into_iter().flatten();
        !self.whole_pulls.contains(&key.1)
            && talk.all(|said| said.is_news_of_itself(view.pull(key), view))
    }

    fn whole_pull(&mut self, repo: &RepoName, number: IssueNumber) {
        self.repos.insert(repo.key().to_owned());
        self.pulls.insert((repo.key().to_owned(), number));
        self.whole_pulls.insert(number);
    }

    fn issue(&mut self, repo: &RepoName, number: IssueNumber) {
        self.repos.insert(repo.key().to_owned());
        self.issues.insert((repo.key().to_owned(), number));
    }
}
