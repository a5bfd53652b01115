//! Outcomes of commands, and the facts that a command may lack.

use serde::{Deserialize, Serialize};

use crate::domain::access_key::KeyOutcome;
use crate::domain::chosen::{Chosen, Ranked};
use crate::domain::claim::Claim;
use crate::domain::event::SyncStats;
use crate::domain::followup::Followup;
use crate::domain::halt::Halt;
use crate::domain::holding::Holding;
use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::lane::Lane;
use crate::domain::lease::LeaseOutcome;
use crate::domain::notice::Notice;
use crate::domain::outbox::OutboxEntry;
use crate::domain::readiness::NotReady;
use crate::domain::refusal::Refusal;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::domain::web_session::WebSession;
use crate::domain::webhook::{Refetch, WebhookAnswer};

/// Facts that the store lacks to decide. The caller asks GitHub and repeats the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The repository is unknown.
    Repo(RepoName),
    /// The issue is not in the mirror, or was not confirmed recently.
    Issue {
        /// The issue's key.
        key: IssueKey,
        /// Its repository's present name.
        repo: RepoName,
        /// The validator of the mirror's row.
        etag: Option<String>,
    },
    /// These offered repositories were never synced. Empty if no repository is known at all.
    Sync(Vec<RepoName>),
    /// Whether a head commit only merges the base branch. Such a commit resolves no feedback.
    Head(Box<HeadQuestion>),
    /// Another process holds the command's lease, or it expired.
    Lease(String),
}

impl Missing {
    /// Asks for GitHub's present state of a mirrored issue.
    pub(crate) fn of(issue: &MirroredIssue) -> Self {
        Self::Issue {
            key: issue.key(),
            repo: issue.repo_name.clone(),
            etag: issue.etag.clone(),
        }
    }
}

/// The question of [`Missing::Head`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadQuestion {
    /// The pull request's repository.
    pub repo: RepoName,
    /// The pull request's number.
    pub number: IssueNumber,
    /// The commit's SHA.
    pub sha: String,
    /// The base branch.
    pub base: Option<String>,
    /// The base branch's tip, as the pull request last showed it.
    pub base_sha: Option<String>,
}

/// What keeps an agent from being given issues, whatever issues there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindrances {
    /// The refusal that it gets if it asks for an issue of any repository.
    pub refusal: Option<Refusal>,
    /// Repositories whose work is halted.
    pub halted: Vec<Halt>,
    /// Repositories with as many active claims as they may have.
    pub full: Vec<RepoId>,
    /// Issues that it gave back, with the moment from which each is offered to it again.
    pub cooling: Vec<(IssueKey, Timestamp)>,
}

/// The result of a successful command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// A claim in its present state.
    Claim {
        /// The claim after the command.
        claim: Box<Claim>,
        /// Its issue, if the command asked for it.
        issue: Option<Box<MirroredIssue>>,
        /// Nothing changed, except perhaps `last_updated`.
        idempotent: bool,
        /// The write to GitHub that it put into the outbox.
        outbox: Option<OutboxEntry>,
        /// Why the issue would not have been handed out, for one that was claimed by number.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        not_ready: Vec<NotReady>,
        /// Why it was chosen, where the service chose it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chosen: Option<Chosen>,
        /// The issue is known to have no earlier attempt. `false`: it may have some.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        untried: bool,
    },
    /// A follow-up in its present state.
    Followup {
        /// The follow-up after the command.
        item: Box<Followup>,
        /// Nothing changed, except perhaps `last_updated`.
        idempotent: bool,
    },
    /// The result of a delivery or polled event.
    Delivery {
        /// The answer to GitHub.
        answer: WebhookAnswer,
        /// What to ask GitHub next.
        look: Option<Refetch>,
    },
    /// Counts of the changes of a sync step or sweep.
    Tally {
        /// The counts of changes.
        tally: SyncStats,
        /// Issues that were open in the mirror and are closed now.
        closed: u64,
        /// Whether more rows remain, so that the command must be repeated.
        more: bool,
    },
    /// Whether an issue is handed out.
    Readiness {
        /// Everything that stands against it, in order.
        reasons: Vec<NotReady>,
        /// How urgent it is. `None` for a closed issue.
        ranked: Option<Ranked>,
        /// The agents that it is for.
        lane: Lane,
    },
    /// What keeps an agent from being given issues.
    Hindrances(Box<Hindrances>),
    /// Priorities are recomputed up to this issue; `None` if all are.
    Reranked(Option<IssueKey>),
    /// What is halted after the command; `None` for nothing.
    Halt(Option<Box<Halt>>),
    /// Whether the lease was acquired.
    Lease(LeaseOutcome),
    /// The key that was created or revoked, or why not.
    Key(Box<KeyOutcome>),
    /// The agent and its session are recorded.
    Heard {
        /// The agent's name was unknown.
        is_new: bool,
        /// What this session is told now, oldest first, at most [`Notice::AT_ONCE`].
        notices: Vec<Notice>,
        /// What the agent holds, at most [`Holding::MOST`], if the command asks for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        held: Vec<Holding>,
    },
    /// The session of the dashboard after the command; `None` if there is none.
    SignedIn(Option<Box<WebSession>>),
    /// Whether there is what is to be tried again.
    Retried(bool),
    /// Recorded, with nothing to report.
    Noted,
}

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command succeeded.
    Done(Answer),
    /// The command was refused.
    Refused(Refusal),
    /// GitHub must be asked first.
    Missing(Missing),
}
