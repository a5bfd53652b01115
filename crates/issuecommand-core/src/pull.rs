//! Pull requests as the mirror holds them: just enough to know whose they are and what became of them.

mod activity;

use serde::{Deserialize, Serialize};

pub use self::activity::{Activity, Head};
use crate::id::{IssueNumber, PullKey, RepoId};
use crate::repo::RepoName;
use crate::time::Timestamp;

/// What GitHub says of one pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFacts {
    /// Its number.
    pub number: IssueNumber,
    /// One line.
    pub title: String,
    /// The page a person would open.
    pub url: String,
    /// It is open.
    pub open: bool,
    /// It was merged; nothing takes that back.
    pub merged: bool,
    /// The commit at its head.
    pub head: Option<String>,
    /// When GitHub last changed anything of it; `None` when a thin payload does not say.
    pub updated_at: Option<Timestamp>,
    /// The issues that its text closes, by GitHub's keywords; empty unless it goes to the default branch.
    pub closes: Vec<(RepoName, IssueNumber)>,
    /// Its author may write to the repository.
    pub trusted: bool,
    /// Who opened it; `None` for a deleted account.
    #[serde(default)]
    pub author: Option<String>,
    /// The commit that was at its head before, where this tells of a push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_over: Option<String>,
    /// The branch that it goes to.
    #[serde(default)]
    pub base: Option<String>,
    /// The commit at the tip of that branch, as GitHub shows it with the pull request.
    #[serde(default)]
    pub base_sha: Option<String>,
}

/// A pull request in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The repository it is in.
    pub repo: RepoId,
    /// What GitHub said last; merged once is merged for ever.
    pub facts: PullFacts,
    /// The last push of which the commit is not known: an event at or before it is answered by it.
    pub pushed_at: Option<Timestamp>,
    /// The last time it was closed without a merge, or opened again: an event at or before it died with it.
    pub cut_at: Option<Timestamp>,
    /// Validators of the last polls of it, opaque.
    pub validators: PullValidators,
    /// What else was heard of it that decides which feedback still waits.
    pub activity: Activity,
}

/// Validators of what is polled of a pull request, opaque, each bound to one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullValidators {
    /// Of the pull request itself.
    pub pull: Option<String>,
    /// Of its reviews.
    pub reviews: Option<String>,
    /// Of its comments on lines.
    pub review_comments: Option<String>,
    /// Of the comments under it.
    pub comments: Option<String>,
}

impl Pull {
    /// Its key.
    pub fn key(&self) -> PullKey {
        (self.repo, self.facts.number)
    }

    /// Until when everything that was said is answered by a push.
    pub fn pushed_until(&self) -> Option<Timestamp> {
        let until = self.activity.pushed_until(self.facts.head.as_deref());
        until.max(self.pushed_at)
    }
}
