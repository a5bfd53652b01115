//! Pull requests as the mirror holds them: just enough to know whose they are and what became of them.

mod activity;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::activity::{Activity, Head};
use crate::domain::followup::SourceId;
use crate::domain::id::{IssueNumber, PullKey, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// What GitHub says of one pull request.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of GitHub, each on its own"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestSnapshot {
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
    /// Its text was told; of a payload without it nothing is known of `closes`.
    #[serde(default)]
    pub has_text: bool,
    /// The issues that its text closes, by GitHub's keywords; empty unless it goes to the default branch.
    pub closes: Vec<(RepoName, IssueNumber)>,
    /// Its author may write to the repository: its branch lies there, or GitHub says so of the author.
    pub trusted: bool,
    /// Who opened it; `None` for a deleted account.
    #[serde(default)]
    pub author: Option<String>,
    /// The commit that was at its head before, where this tells of a push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_over: Option<String>,
    /// The branch that it comes from.
    #[serde(default)]
    pub branch: Option<String>,
    /// The branch that it goes to.
    #[serde(default)]
    pub base: Option<String>,
    /// The commit at the tip of that branch, as GitHub shows it with the pull request.
    #[serde(default)]
    pub base_sha: Option<String>,
    /// When it was opened; `None` when a thin payload does not say.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was closed last, with or without a merge.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// When it was merged.
    #[serde(default)]
    pub merged_at: Option<Timestamp>,
    /// Of the issues in `closes` those that the change made it close that this was said of, where its text or its base was
    /// edited just then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<(RepoName, IssueNumber)>,
}

impl PullRequestSnapshot {
    /// An open pull request of which hardly more than the number is known.
    pub fn thin(number: IssueNumber, title: String, url: String) -> Self {
        Self {
            number,
            title,
            url,
            open: true,
            merged: false,
            head: None,
            updated_at: None,
            has_text: false,
            closes: Vec::new(),
            trusted: false,
            created_at: None,
            closed_at: None,
            merged_at: None,
            author: None,
            pushed_over: None,
            branch: None,
            base: None,
            base_sha: None,
            added: Vec::new(),
        }
    }
}

/// A pull request in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The repository it is in.
    pub repo: RepoId,
    /// What GitHub said last; merged once is merged for ever.
    pub facts: PullRequestSnapshot,
    /// The last push of which the commit is not known: an event at or before it is answered by it.
    pub pushed_at: Option<Timestamp>,
    /// The last time it was closed without a merge, or opened again: an event at or before it died with it.
    pub cut_at: Option<Timestamp>,
    /// Validators of the last polls of it, opaque.
    pub validators: PullValidators,
    /// What else was heard of it that decides which feedback still waits.
    pub activity: Activity,
    /// Which issues of its own repository it closes, and since when.
    pub closing: Closing,
}

/// Which issues of its own repository a pull request closes, by the last word from while it was open: what is edited after
/// that counts for nothing. All but the issues adds up, so that words may come in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The issues.
    #[serde(default)]
    pub issues: BTreeSet<IssueNumber>,
    /// When GitHub said so, of a pull request that was open then.
    #[serde(default)]
    pub said_at: Option<Timestamp>,
    /// How much that word says where another has the same time: GitHub's answer to a question most, then a closing.
    #[serde(default)]
    pub rank: u8,
    /// When an edit last made it close an issue.
    #[serde(default)]
    pub added: BTreeMap<IssueNumber, Timestamp>,
    /// When it was last opened again.
    #[serde(default)]
    pub reopened_at: Option<Timestamp>,
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

    /// Whether it may become the pull request of claims on the issues that it closes: it is open, and by somebody who may
    /// write there. Stores find it by these issues.
    pub fn is_candidate(&self) -> bool {
        self.facts.open && self.facts.trusted
    }
}

/// A pull request in a list of issues. GitHub counts open ones among a repository's open issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedPull {
    /// Its number.
    pub number: IssueNumber,
    /// Whether it is open.
    pub open: bool,
}

/// A pull request that an active claim names, to be polled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPull {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// Its head, as it was last shown.
    pub head: Option<String>,
    /// Reviews and comments of it that wait for an answer, by name.
    pub waiting: Vec<SourceId>,
    /// The validators of the last poll.
    pub validators: PullValidators,
}
