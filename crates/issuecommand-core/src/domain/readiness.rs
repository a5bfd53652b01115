//! Whether an issue may be handed out, and everything that stands against it.
//!
//! Core judges the reasons of an issue's own whenever its row is written, and a store keeps them with its [`Standing`], so that
//! statements ask only whether there are any. [`ReasonCode::is_own`] tells which these are. The others follow from other rows at
//! the moment of the question: whether the repository is offered, and whether an agent holds the issue.
//!
//! [`Standing`]: crate::domain::standing::Standing

mod by_number;
mod codes;
mod sight;
mod words;

use serde::{Deserialize, Serialize};

pub(crate) use self::by_number::ClaimObstacle;
pub use self::codes::{ReasonCode, ReasonSet};
use crate::domain::halt::Halt;
use crate::domain::id::AgentId;
use crate::domain::issue::{IssuePlace, WithheldReason};
use crate::domain::park::Parked;
use crate::domain::repo::Repo;

/// A reason for which an issue is not handed out, with what a person wants to know of it. Made for answers; its code is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReady {
    /// It is closed on GitHub.
    Closed,
    /// GitHub does not show its repository, or the repository is archived.
    RepoNotOffered,
    /// A person halted the work in its repository.
    RepoPaused(Halt),
    /// An agent has an active claim on it.
    Held {
        /// That agent.
        agent: AgentId,
    },
    /// The mirror has it as open, but that is not confirmed.
    Withheld(WithheldReason),
    /// Its author has no write access, and nobody approved of it.
    UntrustedAuthor {
        /// The author's login; `None` for a deleted account.
        author: Option<String>,
        /// It had a label of approval when it was edited.
        edited: bool,
        /// The labels of approval.
        labels: Vec<String>,
    },
    /// Its pull request was merged, or its agent ended it as done, and GitHub still shows it open.
    MergedPr {
        /// The address of the pull request, if one is known.
        url: Option<String>,
        /// There is one, of a repository that the caller does not see.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        hidden: bool,
    },
    /// Open pull requests close it.
    HasOpenPr {
        /// These.
        pulls: Vec<IssuePlace>,
    },
    /// Other issues block it.
    BlockedBy {
        /// The open ones that are known.
        open: Vec<IssuePlace>,
        /// How many there are besides of which GitHub says only that they are open.
        hidden: u32,
        /// It is one of issues that block each other in a circle.
        cycle: bool,
    },
    /// It has open sub-issues.
    HasOpenChildren {
        /// The open ones that are known.
        open: Vec<IssuePlace>,
        /// How many there are besides of which GitHub says only that they are open.
        hidden: u32,
    },
    /// It waits for a person.
    NeedsHuman(Parked),
    /// A person is assigned to it.
    Assigned {
        /// The assignees that are none of `AGENT_LOGINS`.
        people: Vec<String>,
    },
    /// It has a label that keeps issues from being handed out.
    ExcludedLabel {
        /// The first such label.
        label: String,
        /// Its repository asks for it, not the operator.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_repo: bool,
    },
    /// It has none of the labels of which it needs one.
    MissingLabel {
        /// These labels.
        wanted: Vec<String>,
        /// Its repository asks for it, not the operator.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_repo: bool,
    },
    /// Its type is none of those that are handed out.
    MissingType {
        /// These types.
        wanted: Vec<String>,
        /// Its own, if it has one.
        kind: Option<String>,
        /// Its repository asks for it, not the operator.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_repo: bool,
    },
}

impl NotReady {
    /// The code, which is stored and sent to callers.
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::Closed => ReasonCode::Closed,
            Self::RepoNotOffered => ReasonCode::RepoNotOffered,
            Self::Held { .. } => ReasonCode::Held,
            Self::Withheld(_) => ReasonCode::Withheld,
            Self::UntrustedAuthor { .. } => ReasonCode::UntrustedAuthor,
            Self::MergedPr { .. } => ReasonCode::MergedPr,
            Self::HasOpenPr { .. } => ReasonCode::HasOpenPr,
            Self::BlockedBy { .. } => ReasonCode::BlockedBy,
            Self::HasOpenChildren { .. } => ReasonCode::HasOpenChildren,
            Self::RepoPaused(_) => ReasonCode::RepoPaused,
            Self::NeedsHuman(_) => ReasonCode::NeedsHuman,
            Self::Assigned { .. } => ReasonCode::Assigned,
            Self::ExcludedLabel { .. } => ReasonCode::ExcludedLabel,
            Self::MissingLabel { .. } | Self::MissingType { .. } => ReasonCode::MissingLabel,
        }
    }

    /// The reasons that hold for all issues of a repository, in order.
    pub fn of_repo(repo: &Repo) -> impl Iterator<Item = Self> {
        (!repo.offered).then_some(Self::RepoNotOffered).into_iter()
    }
}
