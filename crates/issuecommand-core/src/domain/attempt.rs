//! Attempts at an issue: claims that ended without a merge.

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, ClaimId, IssueKey, IssueNumber, RepoId};
use crate::domain::time::{Millis, Timestamp};

/// What an agent says about an issue that it gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseOutcome {
    /// It could not finish. Another agent may.
    GaveUp,
    /// Something that IssueCommand does not know of must happen first.
    Blocked,
    /// The fault does not show.
    NotReproducible,
    /// There is nothing left to do.
    AlreadyDone,
    /// A person must decide.
    NeedsHuman,
}

impl ReleaseOutcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [
        Self::GaveUp,
        Self::Blocked,
        Self::NotReproducible,
        Self::AlreadyDone,
        Self::NeedsHuman,
    ];

    /// The outcome as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GaveUp => "gave_up",
            Self::Blocked => "blocked",
            Self::NotReproducible => "not_reproducible",
            Self::AlreadyDone => "already_done",
            Self::NeedsHuman => "needs_human",
        }
    }

    /// The outcome with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }

    /// Whether the issue waits for a person afterwards.
    pub fn parks(self) -> bool {
        self != Self::GaveUp
    }
}

/// How an agent's work on an issue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd {
    /// The agent gave it back.
    Released,
    /// It was released after a long silence.
    AutoReleased,
    /// Another agent took it over.
    TakenOver,
    /// A person gave it to another agent.
    Given,
}

impl AttemptEnd {
    /// All ends.
    pub const ALL: [Self; 4] = [
        Self::Released,
        Self::AutoReleased,
        Self::TakenOver,
        Self::Given,
    ];

    /// The end as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::AutoReleased => "auto_released",
            Self::TakenOver => "taken_over",
            Self::Given => "given",
        }
    }

    /// The end with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == text)
    }
}

/// An agent's work on an issue that ended without a merge. It outlives the claim, whose history is trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The claim.
    pub claim: ClaimId,
    /// The issue's repository.
    pub repo: RepoId,
    /// The issue's number.
    pub number: IssueNumber,
    /// The agent.
    pub agent: AgentId,
    /// When it began.
    pub from: Timestamp,
    /// When it ended.
    pub to: Timestamp,
    /// How it ended.
    pub end: AttemptEnd,
    /// What the agent said about it.
    pub outcome: Option<ReleaseOutcome>,
    /// The note of the end.
    pub note: Option<String>,
    /// The pull request's address, if there was one.
    pub pr_url: Option<String>,
    /// Whether it counts as an attempt. Taking an issue and giving it back at once does not.
    pub counts: bool,
    /// Whether the agent itself gave the issue back, so that `next_issue` and `next_work` do not offer it to the agent again for a
    /// while.
    pub gave_back: bool,
}

impl Attempt {
    /// How long attempts are kept.
    pub const KEEP: Millis = Millis::minutes(90 * 24 * 60);

    /// The issue.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
    }
}

/// How many issues in a row an agent gave back quickly. An agent without a row has given back none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuickReleases {
    /// The agent.
    pub agent: AgentId,
    /// The number of issues; 0 after the agent got on with one or took its time.
    pub count: u32,
    /// When the last one was given back.
    pub at: Timestamp,
}
