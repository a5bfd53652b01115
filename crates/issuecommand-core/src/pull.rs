//! Pull requests as the mirror holds them: just enough to know whose they are and what became of them.

use serde::{Deserialize, Serialize};

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
}

/// A pull request in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The repository it is in.
    pub repo: RepoId,
    /// What GitHub said last; merged once is merged for ever.
    pub facts: PullFacts,
    /// The last push that we know of: an event at or before it is answered by it.
    pub pushed_at: Option<Timestamp>,
    /// The last time it was closed without a merge, or opened again: an event at or before it died with it.
    pub cut_at: Option<Timestamp>,
    /// Validators of the last polls of it, opaque.
    pub validators: PullValidators,
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
}
