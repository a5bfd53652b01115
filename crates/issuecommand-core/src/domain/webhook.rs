//! What GitHub tells us of its own accord, or by a poll that looks for the same things.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::followup::{FeedbackEvent, Resolution, SourceId};
use crate::domain::id::IssueNumber;
use crate::domain::issue::Issue;
use crate::domain::pull_request::PullRequestSnapshot;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// Comments and reviews that hold this text, outside of quotations and code, and were written by a login that agents use
/// make no follow-up.
pub const MARKER: &str = "<!-- issuecommand -->";

/// The repository that a delivery speaks of, as far as it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoRef {
    /// Its name.
    pub name: RepoName,
    /// All that a full payload says of it.
    pub facts: Option<RepoSnapshot>,
}

/// What a delivery says of the pull request that somebody spoke under. A thin payload says only which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestRef {
    /// Its number.
    pub number: IssueNumber,
    /// One line.
    pub title: Option<String>,
    /// The page a person would open.
    pub url: Option<String>,
    /// Whether it was open when that was said; `None` when the payload does not say.
    pub open: Option<bool>,
    /// When GitHub last changed anything of it before it said that.
    pub at: Option<Timestamp>,
    /// The whole, where the payload has it.
    pub facts: Option<PullRequestSnapshot>,
}

/// What a delivery means to us.
#[expect(
    clippy::large_enum_variant,
    reason = "it is boxed where it is kept, and taken apart where it is made"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GithubEvent {
    /// Somebody asks for something, or changed what they asked for.
    Feedback {
        /// Where.
        repo: RepoRef,
        /// Under which pull request.
        pull: PullRequestRef,
        /// What.
        source: FeedbackEvent,
        /// Who speaks.
        voice: Voice,
    },
    /// What somebody asked for is no longer asked for.
    Withdrawn {
        /// Where.
        repo: RepoRef,
        /// Under which pull request.
        pull: PullRequestRef,
        /// Which events.
        sources: Vec<SourceId>,
        /// Why.
        ending: Resolution,
        /// The reviewer whose review was an approval or was dismissed: what the same person asked for before is withdrawn too.
        reviewer: Option<String>,
        /// When that review was submitted, or the thread resolved.
        at: Option<Timestamp>,
    },
    /// A thread was opened again: what its comments asked for is asked for again.
    Unresolved {
        /// Where.
        repo: RepoRef,
        /// Under which pull request.
        pull: PullRequestRef,
        /// Its comments.
        sources: Vec<SourceId>,
        /// When.
        at: Option<Timestamp>,
    },
    /// A pull request is as it says.
    Pull {
        /// Where.
        repo: RepoRef,
        /// The pull request.
        pull: PullRequestSnapshot,
        /// GitHub's word for what happened (`opened`, `synchronize`, `closed` …), for the answer.
        action: String,
        /// What happened, as far as it changes anything beyond the facts.
        change: PullChange,
    },
    /// An issue is as it says.
    Issue {
        /// Where.
        repo: RepoRef,
        /// The issue.
        issue: Box<Issue>,
        /// GitHub's word for what happened.
        action: String,
        /// It is gone: deleted or transferred.
        gone: Option<crate::domain::issue::WithheldReason>,
    },
    /// An issue was transferred to another repository. Both repositories tell of it.
    Transferred {
        /// Where it was.
        from: RepoRef,
        /// Its number there.
        number: IssueNumber,
        /// Where it is.
        to: RepoRef,
        /// The issue as it is there.
        issue: Box<Issue>,
        /// Whether the repository where it is told of it, with the action `opened`; the other one says `transferred`.
        arrived: bool,
    },
    /// A label or a milestone of a repository was changed or deleted. What its issues carry may differ now, although the
    /// `updated_at` of none of them moved.
    Relabelled {
        /// Where.
        repo: RepoRef,
        /// GitHub's word for what happened.
        action: String,
    },
    /// The rights of an account in a repository changed.
    Member {
        /// Where.
        repo: RepoRef,
        /// Whose.
        login: String,
        /// GitHub's word for what happened.
        action: String,
    },
    /// A repository was renamed, transferred, archived or deleted.
    Repo {
        /// It, under its present name.
        repo: RepoRef,
        /// GitHub's word for what happened.
        action: String,
        /// It was deleted.
        deleted: bool,
    },
    /// The repositories that we may see have changed.
    Access {
        /// GitHub's word for what happened.
        action: String,
    },
    /// GitHub tries the webhook.
    Ping,
    /// Nothing to us.
    Ignored(Ignored),
}

impl GithubEvent {
    /// The repository that it speaks of, if of one.
    pub fn repo(&self) -> Option<&RepoRef> {
        match self {
            Self::Feedback { repo, .. }
            | Self::Withdrawn { repo, .. }
            | Self::Unresolved { repo, .. }
            | Self::Pull { repo, .. }
            | Self::Issue { repo, .. }
            | Self::Relabelled { repo, .. }
            | Self::Member { repo, .. }
            | Self::Repo { repo, .. } => Some(repo),
            Self::Transferred {
                from, to, arrived, ..
            } => Some(if *arrived { to } else { from }),
            Self::Access { .. } | Self::Ping | Self::Ignored(_) => None,
        }
    }
}

/// Who speaks in a review or comment, as far as that matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// A bot.
    pub bot: bool,
    /// Its text carries [`MARKER`], neither quoted nor in code.
    pub marked: bool,
    /// It is the credential's own user, as far as GitHub told who that is.
    pub own: bool,
    /// Since when at least the text is as it is, where it comes without a time of its last edit; GitHub's time.
    pub as_of: Option<Timestamp>,
}

/// What happened to a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullChange {
    /// Its facts alone changed.
    Facts,
    /// Its head moved, at this time; `None` when GitHub does not say when.
    Pushed(Option<Timestamp>),
    /// It was closed without a merge, or opened again, at this time.
    Cut(Option<Timestamp>),
}

/// Why a delivery means nothing to us. `Display` is the contract's reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ignored {
    /// There is no repository or no pull request in it.
    MissingRepoOrPr,
    /// Its repository has no name that GitHub could have given.
    InvalidRepo,
    /// Its pull request has no number that GitHub could have given.
    InvalidPrNumber,
    /// We do nothing with such events, or not with this one for the reason that the text gives.
    NotActionable(String),
    /// We do nothing with this action of a pull request.
    PullAction(String),
    /// Any other reason, in words.
    Other(String),
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingRepoOrPr => f.write_str("missing_repo_or_pr_number"),
            Self::InvalidRepo => f.write_str("invalid_repo_in_webhook_payload"),
            Self::InvalidPrNumber => f.write_str("invalid_pr_number_in_webhook_payload"),
            Self::NotActionable(event) => write!(f, "event {event} is not actionable"),
            Self::PullAction(action) => write!(f, "pull_request action {action} is not handled"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// How a delivery proved that it is GitHub's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// By the signature of its body.
    Signature,
    /// By the API key.
    ApiKey,
}

/// One delivery, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// GitHub's id of it.
    pub id: Option<String>,
    /// GitHub's name of the event.
    pub event: String,
    /// How it proved itself.
    pub auth: AuthMethod,
}

/// What GitHub hears of a delivery; also what readers of the event log see of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookAnswer {
    /// Feedback was taken.
    Feedback {
        /// Its kind.
        kind: crate::domain::followup::SourceKind,
        /// Its name.
        source: SourceId,
        /// It made a new follow-up.
        created: bool,
        /// It had been taken before.
        idempotent: bool,
        /// The follow-up that holds it; `None` when it was over before it was seen.
        item: Option<crate::domain::followup::WorkItemId>,
        /// Where.
        repo: RepoName,
        /// Under which pull request.
        pull: IssueNumber,
    },
    /// Something else was taken.
    Taken {
        /// GitHub's name of the event.
        event: String,
        /// GitHub's word for what happened.
        action: String,
        /// Follow-ups that ended because of it.
        resolved: u64,
    },
    /// It means nothing to us.
    Ignored(Ignored),
    /// It was taken before.
    Duplicate {
        /// GitHub's id of it.
        id: String,
    },
}

/// What GitHub should be asked after a delivery, because the delivery alone does not settle it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refetch {
    /// This issue: two different words on it have the same time.
    Issue(RepoName, IssueNumber),
    /// This pull request: likewise.
    Pull(RepoName, IssueNumber),
    /// This repository.
    Repo(RepoName),
    /// All issues of this repository: labels or milestones of them changed.
    Issues(RepoName),
    /// The list of repositories.
    Repos,
}

/// A delivery that could not be applied, and waits to be tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDelivery {
    /// GitHub's id of it, or one of ours.
    pub id: String,
    /// The delivery.
    pub delivery: Delivery,
    /// Its body, until it is processed.
    pub body: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// When it took effect.
    pub processed_at: Option<Timestamp>,
    /// How often it failed.
    pub attempts: u32,
    /// The last failure; with [`StoredDelivery::MAX_ATTEMPTS`] failures it is dead.
    pub error: Option<String>,
}

impl StoredDelivery {
    /// So many failures, and it is kept for a person to look at.
    pub const MAX_ATTEMPTS: u32 = 5;
}
