//! How an open issue stands: its place in the queue, and the reasons of its own for which it is not handed out.

use serde::{Deserialize, Serialize};

use crate::domain::edge::EdgeKind;
use crate::domain::id::{IssueKey, IssueNumber, RepoId};
use crate::domain::lane::Lane;
use crate::domain::park::Parked;
use crate::domain::priority::Priority;
use crate::domain::readiness::ReasonSet;
use crate::domain::time::Timestamp;

/// The standing of one open issue of the mirror. It is apart from the issue's row, so that a change of readiness does not write the
/// issue's text again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The issue's repository.
    pub repo: RepoId,
    /// The issue's number.
    pub number: IssueNumber,
    /// The priority that its labels or its field name.
    pub rank: Priority,
    /// When it was opened, by GitHub's clock.
    pub created_at: Timestamp,
    /// Its turn: of the issues that are ready the one with the earliest turn is served first, the older one if turns are the same.
    pub turn: Timestamp,
    /// The agents that it is for.
    pub lane: Lane,
    /// The reasons of its own for which it is not handed out.
    pub reasons: ReasonSet,
    /// What it waits for.
    pub open: Open,
    /// From when on GitHub is to be asked for its edges; `None` if they are known.
    pub due_at: Option<Timestamp>,
    /// Since when it is open, by GitHub's clock, as far as that is known. A merge before then does not count.
    pub opened_at: Timestamp,
    /// What ended its work although GitHub shows it open.
    pub merged: Option<Merged>,
    /// Whether its author is trusted.
    pub trust: Trust,
    /// How many attempts at it ended without a merge since it was opened or offered again.
    pub attempts: u32,
    /// That it waits for a person.
    pub parked: Option<Parked>,
    /// When it was offered again. Cool-downs that began before then are over.
    pub offered_at: Option<Timestamp>,
}

impl Standing {
    /// Its place in the queue while it is ready.
    pub fn place(&self) -> QueuePlace {
        QueuePlace {
            lane: self.lane.clone(),
            turn: self.turn,
            created_at: self.created_at,
            repo_id: self.repo,
            number: self.number,
        }
    }

    /// Whether no attempt at it is on record. `false` where the count began anew, since there may be earlier ones.
    pub fn is_untried(&self) -> bool {
        self.attempts == 0 && self.offered_at.is_none() && self.opened_at == self.created_at
    }

    /// The key of its issue.
    pub fn key(&self) -> IssueKey {
        (self.repo, self.number)
    }
}

/// The place of a ready issue in the queue. The fields are in the order of the queue: each lane has one of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QueuePlace {
    /// Its lane.
    pub lane: Lane,
    /// Its turn.
    pub turn: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Its repository.
    pub repo_id: RepoId,
    /// Its number.
    pub number: IssueNumber,
}

/// How many things an issue waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Its known open blockers.
    pub blockers: u32,
    /// Open blockers of which GitHub says only that there are so many.
    pub hidden_blockers: u32,
    /// Its known open sub-issues.
    pub children: u32,
    /// Open sub-issues of which GitHub says only that there are so many.
    pub hidden_children: u32,
    /// Open pull requests that close it.
    pub pulls: u32,
}

impl Open {
    /// The number of known open ends of this kind.
    pub fn of(&mut self, kind: EdgeKind) -> &mut u32 {
        match kind {
            EdgeKind::BlockedBy => &mut self.blockers,
            EdgeKind::Child => &mut self.children,
            EdgeKind::Pull => &mut self.pulls,
        }
    }
}

/// A merge, or a claim that its agent ended as done, after which GitHub still shows the issue open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// The address of the pull request, if one is known.
    pub url: Option<String>,
    /// When, by GitHub's clock.
    pub at: Timestamp,
}

/// Whether an issue's author is trusted, where the settings ask for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The author has no write access as far as GitHub was asked, and the settings ask for it.
    pub stranger: bool,
    /// Whether somebody approved of the issue.
    pub approval: Approval,
}

/// Whether an issue of a stranger has a label of `READY_APPROVE_LABELS` that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// It has none.
    #[default]
    None,
    /// It has one.
    Given,
    /// It was edited while it had one. The label counts again after it was taken away and put back.
    Void,
}
