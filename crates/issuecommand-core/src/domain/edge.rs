//! Edges: from an issue to what it waits for.

use serde::{Deserialize, Serialize};

use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::issue::IssuePlace;
use crate::domain::repo_name::RepoName;

/// What an issue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// An issue that blocks it.
    BlockedBy,
    /// A sub-issue of it.
    Child,
    /// A pull request of its repository that closes it.
    Pull,
}

impl EdgeKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::BlockedBy, Self::Child, Self::Pull];

    /// The kind as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BlockedBy => "blocked_by",
            Self::Child => "child",
            Self::Pull => "pull",
        }
    }

    /// The kind with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where an edge leads: to an issue or a pull request, which share one sequence of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeEnd {
    /// In a repository that the store knows.
    Here(RepoId, IssueNumber),
    /// In another repository, by its name. The next reading of the edges replaces it once the repository is known.
    Elsewhere(RepoName, IssueNumber),
}

/// The key of an edge.
pub type EdgeKey = (IssueKey, EdgeKind, EdgeEnd);

/// An edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The issue that waits.
    pub of: IssueKey,
    /// What for.
    pub kind: EdgeKind,
    /// Where that is.
    pub to: EdgeEnd,
    /// Whether that is open, so that the issue waits.
    pub open: bool,
}

impl Edge {
    /// The key of its row: no issue waits twice for one thing of a kind.
    pub fn key(&self) -> EdgeKey {
        (self.of, self.kind, self.to.clone())
    }
}

/// Issues that block each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// The issues, sorted. No two circles have one in common.
    pub issues: Vec<IssuePlace>,
}

impl Cycle {
    /// The text of its first issue, by which it is stored.
    pub fn first(&self) -> String {
        let first = self.issues.first();
        first.map(ToString::to_string).unwrap_or_default()
    }
}
