//! The commands of the engine, and their callers.

mod acting_agent;
mod answer;
mod idempotency;
mod parameters;
mod seen_edges;
mod told_issues;

use crate::domain::access::{Caller, IdempotencyKey};
use crate::domain::access_key::NewKey;
use crate::domain::attempt::ReleaseOutcome;
use crate::domain::claim::ClaimStatus;
use crate::domain::edge::Cycle;
use crate::domain::event::SyncStats;
use crate::domain::followup::{FollowupStatus, WorkItemId};
use crate::domain::halt::HaltKind;
use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber};
use crate::domain::issue::{Issue, IssueFilter, IssueLookup};
use crate::domain::lease::LeaseProof;
use crate::domain::outbox::{OutboxEntry, WriteFailure};
use crate::domain::pull_request::{ListedPull, PullValidators};
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::repo_policy::SeenPolicy;
use crate::domain::session::{ProcessRef, SessionEnd, SessionId};
use crate::domain::sync::SyncRun;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::web_session::SignIn;
use crate::domain::webhook::{Delivery, GithubEvent};

pub use self::answer::{Answer, HeadQuestion, Hindrances, Missing, Outcome};
pub use self::idempotency::IdempotencyRecord;
pub use self::parameters::{CandidateChecks, HaltTarget, Reading, RepoPage, RetryOf};
pub use self::seen_edges::SeenEdges;

/// An action with its caller and conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The caller and its permissions.
    pub caller: Caller,
    /// The idempotency key, if the caller gave one.
    pub idempotency: Option<IdempotencyKey>,
    /// The lease of background work. A command under a lost lease does nothing.
    pub lease: Option<LeaseProof>,
    /// GitHub's clock minus ours when the command was made; see [`crate::ports::github::GitHub::skew`].
    pub skew: Millis,
    /// The action to decide.
    pub action: Action,
}

impl Command {
    /// A caller's command. The key of the caller's request is for the change that was asked for, and not for what goes along with
    /// it.
    pub fn new(caller: &Caller, action: Action) -> Self {
        let key = caller.idempotency.clone();
        Self {
            idempotency: key.filter(|_| action.is_asked_for()),
            caller: caller.clone(),
            lease: None,
            skew: Millis(0),
            action,
        }
    }

    /// A command of IssueCommand itself.
    pub fn system(action: Action) -> Self {
        Self::new(&Caller::system(), action)
    }

    /// Sets the lease.
    #[must_use]
    pub fn under(mut self, lease: Option<&LeaseProof>) -> Self {
        self.lease = lease.cloned();
        self
    }

    /// Sets GitHub's clock minus ours.
    #[must_use]
    pub fn skewed(mut self, skew: Millis) -> Self {
        self.skew = skew;
        self
    }

    /// Sets the idempotency key.
    #[must_use]
    pub fn keyed(mut self, key: Option<IdempotencyKey>) -> Self {
        self.idempotency = key;
        self
    }
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Claims an issue for an agent.
    ClaimIssue {
        /// The agent that claims.
        agent: AgentId,
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// GitHub was asked just now and did not answer, so an issue that the mirror has as open may be claimed.
        unreachable: bool,
        /// Takes the issue from another live session of the same agent, or from another agent whose claim has been stale for
        /// `TAKEOVER_AFTER_MINUTES`.
        take_over: bool,
    },
    /// Claims the most urgent matching issue for an agent.
    NextIssue {
        /// The agent that claims.
        agent: AgentId,
        /// The conditions on the issue.
        filter: IssueFilter,
        /// How far the mirror counts.
        checks: CandidateChecks,
    },
    /// Hands out a follow-up, or the most urgent matching issue if there is none.
    NextWork {
        /// The agent that asks.
        agent: AgentId,
        /// The repository, and label and milestone, which apply to issues only.
        filter: IssueFilter,
        /// How far the mirror counts.
        checks: CandidateChecks,
    },
    /// Moves a follow-up or records a heartbeat.
    UpdateFollowup {
        /// The follow-up's id.
        item: WorkItemId,
        /// The agent that acts.
        agent: AgentId,
        /// The new status; the present one is a heartbeat.
        to: FollowupStatus,
        /// A note for the history.
        note: Option<String>,
    },
    /// Stores and applies a delivery and emits its event.
    ProcessDelivery {
        /// The delivery, without its body.
        delivery: Delivery,
        /// The parsed payload.
        meaning: Box<GithubEvent>,
    },
    /// Keeps a delivery that could not be applied, for a retry.
    DeferDelivery {
        /// The delivery, without its body.
        delivery: Delivery,
        /// Its id, or a generated one.
        id: String,
        /// Its raw body.
        body: String,
        /// The error of the failed attempt.
        error: String,
    },
    /// Applies what a poll of a pull request found, like a delivery without a sender.
    ApplyPolledEvent(Box<GithubEvent>),
    /// Ends a complete poll of a pull request, or one whose pull request GitHub does not show.
    FinishPullPoll {
        /// The pull request's repository.
        repo: RepoName,
        /// The pull request's number.
        number: IssueNumber,
        /// The validators for the next poll.
        validators: PullValidators,
        /// Whether GitHub showed it. `false` requires that GitHub showed its repository at the same time.
        shown: bool,
    },
    /// Records a head commit of a pull request.
    RecordHead {
        /// The pull request's repository.
        repo: RepoName,
        /// The pull request's number.
        number: IssueNumber,
        /// The commit's SHA.
        sha: String,
        /// The commit into which it only merges the base branch. `None` for any other commit, or if GitHub could not be asked.
        merges_base_into: Option<String>,
    },
    /// Moves a claim or records a heartbeat.
    UpdateClaim {
        /// The claim's id.
        claim: ClaimId,
        /// The agent that acts.
        agent: AgentId,
        /// The new status; the present one is a heartbeat.
        to: ClaimStatus,
        /// A note for the history.
        note: Option<String>,
        /// The pull request's address or number.
        pr_url: Option<String>,
    },
    /// Releases a claim.
    ReleaseClaim {
        /// The claim's id.
        claim: ClaimId,
        /// The agent that acts.
        agent: AgentId,
        /// The reason, for the history.
        reason: Option<String>,
        /// What the agent says about the issue. `None` counts as [`ReleaseOutcome::GaveUp`].
        outcome: Option<ReleaseOutcome>,
    },
    /// Halts work, or lets it go on.
    SetHalt {
        /// What is halted.
        target: HaltTarget,
        /// How far; `None` ends the halt.
        kind: Option<HaltKind>,
        /// The person's note, for history and events.
        note: Option<String>,
    },
    /// Gives a claim to another agent.
    GiveClaim {
        /// The claim's id.
        claim: ClaimId,
        /// The agent that gets it.
        to: AgentId,
        /// The person's note, for history and events.
        note: Option<String>,
    },
    /// Gives a follow-up to an agent.
    GiveFollowup {
        /// The follow-up's id.
        item: WorkItemId,
        /// The agent that gets it.
        to: AgentId,
        /// The person's note, for history and events.
        note: Option<String>,
    },
    /// Ends a follow-up without an answer. The text says why.
    DismissFollowup(WorkItemId, String),
    /// Parks an issue: it is not offered until a person says so.
    ParkIssue {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// The person's note, for history and events.
        note: String,
    },
    /// Offers an issue again that is parked or that agents gave back.
    OfferIssue {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// The person's note, for history and events.
        note: Option<String>,
    },
    /// Records repositories as GitHub showed them.
    RecordRepos(Vec<RepoSnapshot>),
    /// GitHub resolved a name to the repository with this id. A free name becomes its name.
    NameRepo {
        /// The name in the request to GitHub.
        name: RepoName,
        /// The id in GitHub's answer.
        github_id: i64,
        /// The name is in `ALLOWED_REPOS`, so it is bound to this repository for good.
        bind: bool,
    },
    /// GitHub answers 404 for a repository: its issues are not offered until GitHub shows it. Claims stay.
    MarkRepoUnavailable(RepoName),
    /// Records a page of a list of issues.
    RecordIssues {
        /// The issues' repository.
        repo: RepoName,
        /// The issues, without pull requests.
        issues: Vec<Issue>,
        /// Pull requests of the page whose open state differs in the mirror. They correct the comparison of counts.
        pulls: Vec<ListedPull>,
    },
    /// Records one issue as GitHub showed it.
    RecordIssue {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// What GitHub answered about it.
        seen: IssueLookup,
    },
    /// Records all that an issue waits for, as GitHub showed it.
    RecordEdges {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
        /// What GitHub answered.
        seen: Box<SeenEdges>,
    },
    /// Records GitHub's answers about accounts' rights in a repository, and judges their open issues.
    RecordWriters {
        /// The repository.
        repo: RepoName,
        /// Logins, and whether each may write.
        rights: Vec<(String, bool)>,
    },
    /// Records what a look at a repository's policy showed.
    RecordPolicy(RepoName, SeenPolicy),
    /// Ranks and judges issues of a repository anew, after its policy changed.
    JudgeRepo(RepoPage),
    /// Records the login of the credential's own user.
    RecordLogin(String),
    /// Records the issues that block each other in a circle, all of them.
    RecordCycles(Vec<Cycle>),
    /// Ends a complete poll of a repository: all pages were read.
    FinishPoll {
        /// The repository's name.
        repo: RepoName,
        /// When its first request was sent.
        began: Timestamp,
        /// The newest `updated_at` of page 1, from which the next poll reads.
        watermark: Option<Timestamp>,
        /// The validator for the next poll, if that will be the same request.
        etag: Option<String>,
        /// How much the poll read.
        reading: Reading,
    },
    /// Tells the holder of a claim that its repository is archived, or no longer is, unless it knows already.
    NotifyRepoHolder(ClaimId),
    /// Records by how much GitHub's count of open issues and pull requests exceeds the mirror's.
    CompareCounts {
        /// The repository's name.
        repo: RepoName,
        /// GitHub's count minus the mirror's.
        gap: i64,
    },
    /// Ends a sync run.
    FinishSync {
        /// The counts of the run.
        tally: SyncStats,
        /// Its scope and faults.
        run: Box<SyncRun>,
    },
    /// Marks silent claims and follow-ups stale, releases long-stale claims, and deletes old rows.
    Sweep,
    /// Recomputes priorities after the table changed: one page of issues, after this key.
    Rerank(Option<IssueKey>),
    /// Asks why an issue is not handed out. Changes nothing.
    AskReadiness {
        /// The issue's repository.
        repo: RepoName,
        /// The issue's number.
        number: IssueNumber,
    },
    /// Records that an agent was heard, in the caller's session if it has one, and takes what it is to be told. A sign of life of
    /// what that session holds.
    Heard {
        /// The agent.
        agent: AgentId,
        /// Without a session: a sign of life of what the agent holds in no session.
        beats: bool,
        /// Whether the answer is to say what the agent holds.
        holds: bool,
    },
    /// Tries again at once what failed for good between here and GitHub.
    Retry(RetryOf),
    /// Ends a session.
    EndSession {
        /// The session's agent.
        agent: AgentId,
        /// The session.
        session: SessionId,
        /// The process that ended. A session that another process has meanwhile goes on.
        process: Option<ProcessRef>,
        /// How it ended.
        end: SessionEnd,
    },
    /// Asks what keeps an agent from being given issues, whatever issues there are. Changes nothing.
    AskAgent(AgentId),
    /// Takes or renews a lease.
    AcquireLease {
        /// The lease's name.
        name: String,
        /// The process that asks.
        holder: String,
        /// How long it lasts from now.
        length: Millis,
    },
    /// Releases a lease, if the caller still holds it.
    ReleaseLease(LeaseProof),
    /// Begins or ends a session of the dashboard, or makes a code for one.
    SignIn(SignIn),
    /// Creates a key.
    CreateKey(Box<NewKey>),
    /// Revokes a key, by id or name.
    RevokeKey(String),
    /// Records the result of a write to GitHub.
    SettleOutbox {
        /// The entry as it was when the write was sent.
        entry: Box<OutboxEntry>,
        /// `None` if the write succeeded.
        failure: Option<WriteFailure>,
    },
}
