//! What the engine can be asked to do, and by whom.

mod answer;

use std::collections::BTreeSet;

use crate::domain::access::Caller;
use crate::domain::access_key::NewKey;
use crate::domain::claim::ClaimStatus;
use crate::domain::event::SyncStats;
use crate::domain::followup::{FollowupStatus, WorkItemId};
use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber};
use crate::domain::issue::{Issue, IssueFilter, IssueLookup};
use crate::domain::lease::LeaseProof;
use crate::domain::outbox::{OutboxEntry, WriteFailure};
use crate::domain::pull_request::{ListedPull, PullValidators};
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::SyncRun;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::{Delivery, GithubEvent};

pub use self::answer::{Answer, HeadQuestion, Missing, Outcome};

/// A key by which a caller marks a request, so that its repetition gets the first answer again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The caller's own text, 1–200 bytes.
    pub key: String,
    /// A digest of the request: the same key with another request is refused.
    pub request: String,
}

/// How much of the mirror is believed when an issue is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateChecks {
    /// GitHub was asked just now and did not answer, or not in time: the mirror's word is good enough.
    pub unreachable: bool,
    /// Candidates that others ask GitHub about at this moment, to take them then. They are passed over while there is
    /// another one.
    pub busy: BTreeSet<IssueKey>,
}

/// How much of a repository a poll read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// All open issues, and GitHub was asked about each that the mirror has besides.
    pub full: bool,
    /// A row could not be read, so that the poll vouches for no issue that it did not show.
    pub gaps: bool,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Who asks, and what its key lets it do.
    pub caller: Caller,
    /// Its key, where it gave one.
    pub idempotency: Option<IdempotencyKey>,
    /// For background work: the lease it is done under. A command under a lost lease does nothing.
    pub lease: Option<LeaseProof>,
    /// GitHub's clock minus ours when the command was made; see [`crate::ports::github::GitHub::skew`].
    pub skew: Millis,
    /// What to do.
    pub action: Action,
}

impl Command {
    /// A caller's command without a key.
    pub fn new(caller: &Caller, action: Action) -> Self {
        Self {
            caller: caller.clone(),
            idempotency: None,
            lease: None,
            skew: Millis(0),
            action,
        }
    }

    /// IssueCommand's own command.
    pub fn system(action: Action) -> Self {
        Self::new(&Caller::system(), action)
    }

    /// The same under a lease.
    #[must_use]
    pub fn under(mut self, lease: Option<&LeaseProof>) -> Self {
        self.lease = lease.cloned();
        self
    }

    /// The same with GitHub's clock minus ours.
    #[must_use]
    pub fn skewed(mut self, skew: Millis) -> Self {
        self.skew = skew;
        self
    }

    /// The same with a key.
    #[must_use]
    pub fn keyed(mut self, key: Option<IdempotencyKey>) -> Self {
        self.idempotency = key;
        self
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give this issue to this agent.
    ClaimIssue {
        /// Who wants it.
        agent: AgentId,
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
        /// GitHub was asked about it just now and did not answer: the mirror's word is good enough if it has it as open.
        unreachable: bool,
    },
    /// Give this agent the most urgent issue that fits.
    NextIssue {
        /// Who wants one.
        agent: AgentId,
        /// What it must be.
        filter: IssueFilter,
        /// How much of the mirror is believed.
        checks: CandidateChecks,
    },
    /// Give this agent a follow-up, or where there is none for it the most urgent issue that fits.
    NextWork {
        /// Who wants work.
        agent: AgentId,
        /// Which repository; label and milestone are for issues alone.
        filter: IssueFilter,
        /// How much of the mirror is believed.
        checks: CandidateChecks,
    },
    /// Move a follow-up, or show a sign of life.
    UpdateFollowup {
        /// Which.
        item: WorkItemId,
        /// Who says so.
        agent: AgentId,
        /// Where to; the status it has already is a sign of life.
        to: FollowupStatus,
        /// Why.
        note: Option<String>,
    },
    /// Take a delivery of GitHub's: remembered, applied and told in one.
    ProcessDelivery {
        /// It.
        delivery: Delivery,
        /// What it means.
        meaning: Box<GithubEvent>,
    },
    /// Keep a delivery that could not be applied, to be tried again.
    DeferDelivery {
        /// It.
        delivery: Delivery,
        /// Its id, or one made for it.
        id: String,
        /// Its body.
        body: String,
        /// Why it could not be applied.
        error: String,
    },
    /// Take what a poll of a pull request found: the same as a delivery, but nobody waits for an answer.
    ApplyPolledEvent(Box<GithubEvent>),
    /// A poll of a pull request was complete, or came to nothing since GitHub does not show it.
    FinishPullPoll {
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
        /// The validators for the next poll.
        validators: PullValidators,
        /// GitHub showed it. `false` only where GitHub showed its repository at the same time.
        shown: bool,
    },
    /// Take what GitHub said of a commit at the head of a pull request.
    RecordHead {
        /// The repository.
        repo: RepoName,
        /// The pull request.
        number: IssueNumber,
        /// The commit.
        sha: String,
        /// It does nothing but merge the base branch into this commit; `None` for any other commit, and for one that GitHub
        /// could not be asked about.
        merges_base_into: Option<String>,
    },
    /// Move a claim, or show a sign of life.
    UpdateClaim {
        /// Which.
        claim: ClaimId,
        /// Who says so.
        agent: AgentId,
        /// Where to; the status it has already is a sign of life.
        to: ClaimStatus,
        /// Why.
        note: Option<String>,
        /// Its pull request.
        pr_url: Option<String>,
    },
    /// Give an issue back.
    ReleaseClaim {
        /// Which claim.
        claim: ClaimId,
        /// Who says so.
        agent: AgentId,
        /// Why.
        reason: Option<String>,
    },
    /// Take what GitHub said of repositories.
    RecordRepos(Vec<RepoSnapshot>),
    /// GitHub led from a name to the repository with this id. A name that nobody has becomes its own.
    NameRepo {
        /// The name that GitHub was asked by.
        name: RepoName,
        /// GitHub's id of what it answered.
        github_id: i64,
        /// The name stands in `ALLOWED_REPOS`: it means this repository for good.
        bind: bool,
    },
    /// GitHub answers 404 for a repository: offer nothing of it until it is seen again. Claims stay.
    MarkRepoUnavailable(RepoName),
    /// Take rows of a list of issues.
    RecordIssues {
        /// Their repository.
        repo: RepoName,
        /// The rows, without pull requests.
        issues: Vec<Issue>,
        /// The pull requests on it that the mirror counts otherwise, for the comparison with GitHub's own count.
        pulls: Vec<ListedPull>,
    },
    /// Take what GitHub said of one issue.
    RecordIssue {
        /// Its repository.
        repo: RepoName,
        /// Its number.
        number: IssueNumber,
        /// What it said.
        seen: IssueLookup,
    },
    /// A poll of a repository was complete: all of its pages answered.
    FinishPoll {
        /// The repository.
        repo: RepoName,
        /// When the first of its requests left.
        began: Timestamp,
        /// The newest `updated_at` of page 1; where the next poll begins.
        watermark: Option<Timestamp>,
        /// The validator for the next poll, where it will be the same request.
        etag: Option<String>,
        /// How much it read.
        reading: Reading,
    },
    /// Tell the holder of a claim that nobody can work in its repository, or that this is over, where that was not told yet.
    NotifyRepoHolder(ClaimId),
    /// GitHub counts so many open issues and pull requests in a repository beyond those that the mirror has.
    CompareCounts {
        /// The repository.
        repo: RepoName,
        /// GitHub's count less ours.
        gap: i64,
    },
    /// A run of the sync ended.
    FinishSync {
        /// What it saw and did.
        tally: SyncStats,
        /// What else it came to.
        run: Box<SyncRun>,
    },
    /// Mark what has expired, release what has been stale for too long, trim what is kept too long.
    Sweep,
    /// Compute priorities anew, after the table changed; some rows at a time, beginning behind this one.
    Rerank(Option<IssueKey>),
    /// Take or renew a lease.
    AcquireLease {
        /// Which.
        name: String,
        /// Who wants it.
        holder: String,
        /// How long it lasts from now.
        length: Millis,
    },
    /// Give a lease back, if it is still ours.
    ReleaseLease(LeaseProof),
    /// Make a key.
    CreateKey(Box<NewKey>),
    /// Take a key back, by id or name.
    RevokeKey(String),
    /// Say what became of a write to GitHub.
    SettleOutbox {
        /// Which, as it was when it was carried out.
        entry: Box<OutboxEntry>,
        /// `None` when it is done.
        failure: Option<WriteFailure>,
    },
}

impl Action {
    /// The agent that says so; `None` for what IssueCommand, GitHub or the operator does. A closed match: whoever adds an
    /// action must say whose it is.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::ClaimIssue { agent, .. }
            | Self::NextIssue { agent, .. }
            | Self::NextWork { agent, .. }
            | Self::UpdateFollowup { agent, .. }
            | Self::UpdateClaim { agent, .. }
            | Self::ReleaseClaim { agent, .. } => Some(agent),
            Self::ProcessDelivery { .. }
            | Self::DeferDelivery { .. }
            | Self::ApplyPolledEvent(_)
            | Self::FinishPullPoll { .. }
            | Self::RecordHead { .. }
            | Self::RecordRepos(_)
            | Self::NameRepo { .. }
            | Self::MarkRepoUnavailable(_)
            | Self::NotifyRepoHolder(_)
            | Self::RecordIssues { .. }
            | Self::RecordIssue { .. }
            | Self::FinishPoll { .. }
            | Self::CompareCounts { .. }
            | Self::FinishSync { .. }
            | Self::Sweep
            | Self::Rerank(_)
            | Self::AcquireLease { .. }
            | Self::ReleaseLease(_)
            | Self::CreateKey(_)
            | Self::RevokeKey(_)
            | Self::SettleOutbox { .. } => None,
        }
    }
}
