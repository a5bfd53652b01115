//! News from GitHub: deliveries, and polls that look for the same facts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::followup::{FeedbackEvent, Resolution, SourceId};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{Issue, RelatedIssue};
use crate::domain::pull_request::PullRequestSnapshot;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// A comment or review with this text outside of quotations and code creates no follow-up, if its login is one that agents use.
pub const MARKER: &str = "<!-- issuecommand -->";

/// The repository of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoRef {
    /// The name in the payload.
    pub name: RepoName,
    /// The repository's data, if the payload is full.
    pub facts: Option<RepoSnapshot>,
}

/// The pull request of a review or comment. A thin payload has only its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestRef {
    /// The pull request's number.
    pub number: IssueNumber,
    /// A single line.
    pub title: Option<String>,
    /// The address of its web page.
    pub url: Option<String>,
    /// Whether it was open; `None` if the payload lacks that.
    pub open: Option<bool>,
    /// When GitHub had last changed anything about it.
    pub at: Option<Timestamp>,
    /// Its full data, if the payload has it.
    pub facts: Option<PullRequestSnapshot>,
}

/// The meaning of a delivery or poll.
#[expect(
    clippy::large_enum_variant,
    reason = "it is boxed where it is kept, and taken apart where it is made"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GithubEvent {
    /// A review or comment, new or edited.
    Feedback {
        /// The pull request's repository.
        repo: RepoRef,
        /// Its pull request.
        pull: PullRequestRef,
        /// The review or comment.
        source: FeedbackEvent,
        /// Facts about its author and text.
        voice: Voice,
    },
    /// Feedback was withdrawn.
    Withdrawn {
        /// The pull request's repository.
        repo: RepoRef,
        /// Its pull request.
        pull: PullRequestRef,
        /// The feedback events.
        sources: Vec<SourceId>,
        /// Why it was withdrawn.
        ending: Resolution,
        /// The reviewer who approved or whose review was dismissed. Earlier feedback of this reviewer is withdrawn too.
        reviewer: Option<String>,
        /// When that review was submitted, or the thread resolved.
        at: Option<Timestamp>,
    },
    /// A thread was reopened, so its comments wait again.
    Unresolved {
        /// The pull request's repository.
        repo: RepoRef,
        /// Its pull request.
        pull: PullRequestRef,
        /// The thread's comments.
        sources: Vec<SourceId>,
        /// When it was reopened.
        at: Option<Timestamp>,
    },
    /// The new data of a pull request.
    Pull {
        /// The pull request's repository.
        repo: RepoRef,
        /// The pull request.
        pull: PullRequestSnapshot,
        /// GitHub's action (`opened`, `synchronize`, `closed` …), for the answer.
        action: String,
        /// A change beyond the data.
        change: PullChange,
    },
    /// The new data of an issue.
    Issue {
        /// The issue's repository.
        repo: RepoRef,
        /// The issue's new data.
        issue: Box<Issue>,
        /// GitHub's action (`opened`, `edited` …).
        action: String,
        /// The reason if it is gone: deleted or transferred.
        gone: Option<crate::domain::issue::WithheldReason>,
        /// Whether a bot changed it.
        by_bot: bool,
    },
    /// An issue was transferred. Both repositories send a delivery.
    Transferred {
        /// The former repository.
        from: RepoRef,
        /// The former number.
        number: IssueNumber,
        /// The new repository.
        to: RepoRef,
        /// The issue in the new repository.
        issue: Box<Issue>,
        /// Whether the new repository sent this, with the action `opened`; the old one sends `transferred`.
        arrived: bool,
    },
    /// An issue began or ceased to wait for another one. The repositories of both issues send a delivery.
    Dependency {
        /// The repository of the delivery.
        repo: RepoRef,
        /// The issue that waits.
        blocked: RelatedIssue,
        /// The issue for which it waits.
        blocking: RelatedIssue,
        /// Whether it waits now.
        added: bool,
        /// GitHub's action (`blocked_by_added` …).
        action: String,
    },
    /// An issue became a sub-issue of another one, or ceased to be one. The repositories of both issues send a delivery.
    SubIssue {
        /// The repository of the delivery.
        repo: RepoRef,
        /// The parent.
        parent: RelatedIssue,
        /// The sub-issue.
        child: RelatedIssue,
        /// Whether it is a sub-issue now.
        added: bool,
        /// GitHub's action (`sub_issue_added` …).
        action: String,
    },
    /// A comment on an issue that is no pull request.
    IssueComment {
        /// The issue's repository.
        repo: RepoRef,
        /// The issue.
        number: IssueNumber,
        /// The comment's author; `None` for a deleted account.
        author: Option<String>,
        /// Facts about its author and text.
        voice: Voice,
        /// When it was last changed; `None` if the payload lacks that.
        at: Option<Timestamp>,
        /// GitHub's action (`created`, `edited`, `deleted`).
        action: String,
    },
    /// A label or milestone was changed or deleted. Issues may have changed without a new `updated_at`.
    Relabelled {
        /// The repository of the label or milestone.
        repo: RepoRef,
        /// GitHub's action (`edited`, `deleted` …).
        action: String,
    },
    /// An account's permissions in a repository changed.
    Member {
        /// The account's repository.
        repo: RepoRef,
        /// The account's login.
        login: String,
        /// GitHub's action (`added`, `removed` …).
        action: String,
    },
    /// A repository was renamed, transferred, archived or deleted.
    Repo {
        /// The repository, under its present name.
        repo: RepoRef,
        /// GitHub's action (`renamed`, `archived` …).
        action: String,
        /// Whether it was deleted.
        deleted: bool,
    },
    /// The set of visible repositories changed.
    Access {
        /// GitHub's action (`added`, `removed` …).
        action: String,
    },
    /// GitHub tests the webhook.
    Ping,
    /// A delivery without a use here.
    Ignored(Ignored),
}

impl GithubEvent {
    /// The repository of the event, if it concerns one.
    pub fn repo(&self) -> Option<&RepoRef> {
        match self {
            Self::Feedback { repo, .. }
            | Self::Withdrawn { repo, .. }
            | Self::Unresolved { repo, .. }
            | Self::Pull { repo, .. }
            | Self::Issue { repo, .. }
            | Self::Dependency { repo, .. }
            | Self::SubIssue { repo, .. }
            | Self::IssueComment { repo, .. }
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

/// The relevant facts about a review's or comment's author and text.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Whether the author is a bot.
    pub bot: bool,
    /// Whether the text has [`MARKER`] outside of quotations and code.
    pub marked: bool,
    /// Whether the author is the credential's own user, if GitHub said who that is.
    pub own: bool,
    /// Whether the author is known to have write access. Asked only where the settings need it: for feedback by
    /// `FEEDBACK_AUTHORS`, for a comment on an issue by `READY_AUTHORS`.
    #[serde(default)]
    pub trusted: bool,
    /// The text is at least this old, on GitHub's clock. Set if there is no time of its last edit.
    pub as_of: Option<Timestamp>,
}

/// The change of a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PullChange {
    /// Only its data changed.
    Facts,
    /// Its head moved at this time; `None` if GitHub does not say when.
    Pushed(Option<Timestamp>),
    /// It was closed without a merge, or reopened, at this time.
    #[serde(rename = "Cut")]
    ClosedOrReopened(Option<Timestamp>),
}

/// Why a delivery was ignored. `Display` is the contract's reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ignored {
    /// It has no repository or no pull request.
    MissingRepoOrPr,
    /// Its repository has a name that GitHub cannot have given.
    InvalidRepo,
    /// Its pull request has a number that GitHub cannot have given.
    InvalidPrNumber,
    /// Events of this kind, or this one for the given reason, need no action.
    NotActionable(String),
    /// This action of a pull request needs no action here.
    PullAction(String),
    /// Another reason, as text.
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

/// How a delivery was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// With the signature of its body.
    Signature,
    /// With the API key.
    ApiKey,
}

/// A delivery, without its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// GitHub's delivery id.
    pub id: Option<String>,
    /// GitHub's event name.
    pub event: String,
    /// How it was authenticated.
    pub auth: AuthMethod,
}

/// The answer to a delivery. Readers of the event log see it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookAnswer {
    /// Feedback was recorded.
    Feedback {
        /// The kind of feedback.
        kind: crate::domain::followup::SourceKind,
        /// The feedback event's id.
        source: SourceId,
        /// Whether it created a follow-up.
        created: bool,
        /// Whether it was known already.
        idempotent: bool,
        /// The follow-up that holds it; `None` if it had ended before it arrived.
        item: Option<crate::domain::followup::WorkItemId>,
        /// The pull request's repository.
        repo: RepoName,
        /// The pull request.
        pull: IssueNumber,
    },
    /// Another event was applied.
    Taken {
        /// GitHub's event name.
        event: String,
        /// GitHub's action in the payload.
        action: String,
        /// How many follow-ups it ended.
        resolved: u64,
    },
    /// The delivery was ignored.
    Ignored(Ignored),
    /// The delivery was processed before.
    Duplicate {
        /// GitHub's delivery id.
        id: String,
    },
}

/// What to ask GitHub after a delivery that leaves a question open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refetch {
    /// This issue, because two versions with the same time differ.
    Issue(RepoName, IssueNumber),
    /// This pull request, for the same reason or for facts that the delivery lacks.
    Pull(RepoName, IssueNumber),
    /// What this issue waits for, because a delivery tells of it without all that matters.
    Edges(RepoName, IssueNumber),
    /// This repository, because its name or state is unsure.
    Repo(RepoName),
    /// All issues of this repository, because labels or milestones changed.
    Issues(RepoName),
    /// The list of repositories.
    Repos,
}

/// A delivery in the store, processed or to be retried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDelivery {
    /// GitHub's id, or a generated one.
    pub id: String,
    /// The delivery, without its body.
    pub delivery: Delivery,
    /// The raw body, until it is processed.
    pub body: Option<String>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// When it was applied.
    pub processed_at: Option<Timestamp>,
    /// How often applying it failed.
    pub attempts: u32,
    /// The last failure. After [`StoredDelivery::MAX_ATTEMPTS`] the delivery is not retried.
    pub error: Option<String>,
}

impl StoredDelivery {
    /// After this many failures it is kept for a person to examine.
    pub const MAX_ATTEMPTS: u32 = 5;
}
