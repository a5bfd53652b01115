//! Pull requests as the mirror holds them: enough to find their claims and to see how they ended.

mod activity;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::activity::{Activity, Head};
use crate::domain::followup::SourceId;
use crate::domain::id::{IssueNumber, PullKey, RepoId};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;

/// GitHub's data of a pull request.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts of GitHub, each on its own"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestSnapshot {
    /// The pull request's number.
    pub number: IssueNumber,
    /// A single line.
    pub title: String,
    /// The address of its web page.
    pub url: String,
    /// Whether it is open.
    pub open: bool,
    /// Whether it was merged, which is final.
    pub merged: bool,
    /// The head commit's SHA.
    pub head: Option<String>,
    /// When GitHub last changed anything about it; `None` if a thin payload lacks that.
    pub updated_at: Option<Timestamp>,
    /// Whether the payload had its text. Otherwise `closes` is unknown.
    #[serde(default)]
    pub has_text: bool,
    /// The issues that its text closes by GitHub's keywords; empty unless its base is the default branch.
    pub closes: Vec<(RepoName, IssueNumber)>,
    /// Whether its author has write access: the head branch is in the repository, or GitHub says so.
    pub trusted: bool,
    /// The author's login; `None` for a deleted account.
    #[serde(default)]
    pub author: Option<String>,
    /// The former head, if the payload is about a push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_over: Option<String>,
    /// The head branch.
    #[serde(default)]
    pub branch: Option<String>,
    /// The base branch.
    #[serde(default)]
    pub base: Option<String>,
    /// The base branch's tip, as GitHub shows it with the pull request.
    #[serde(default)]
    pub base_sha: Option<String>,
    /// When it was opened; `None` if a thin payload lacks that.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last closed, with or without a merge.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// When it was merged.
    #[serde(default)]
    pub merged_at: Option<Timestamp>,
    /// Those issues in `closes` that an edit of the text or base has just added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<(RepoName, IssueNumber)>,
}

impl PullRequestSnapshot {
    /// An open pull request with little more than its number.
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
    /// The pull request's repository.
    pub repo: RepoId,
    /// GitHub's latest data. A merge is never undone.
    pub facts: PullRequestSnapshot,
    /// The last push of an unknown commit. It resolves feedback up to this time.
    pub pushed_at: Option<Timestamp>,
    /// When it was last closed without a merge, or reopened. This resolves feedback up to this time.
    #[serde(rename = "cut_at")]
    pub closed_or_reopened_at: Option<Timestamp>,
    /// The ETags of its last polls, opaque.
    pub validators: PullValidators,
    /// Further facts that decide which feedback still waits.
    pub activity: Activity,
    /// The issues of its own repository that it closes, and since when.
    pub closing: Closing,
}

/// The issues of its own repository that a pull request closes, from its last text while it was open. Later edits do not count.
/// All fields but `issues` only accumulate, so that messages may arrive in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The closed issues.
    #[serde(default)]
    pub issues: BTreeSet<IssueNumber>,
    /// The time of that text, on GitHub's clock.
    #[serde(default)]
    pub said_at: Option<Timestamp>,
    /// Breaks ties of `said_at`: an answer to a poll ranks highest, then a closing.
    #[serde(default)]
    pub rank: u8,
    /// When an edit last added each issue.
    #[serde(default)]
    pub added: BTreeMap<IssueNumber, Timestamp>,
    /// When it was last reopened.
    #[serde(default)]
    pub reopened_at: Option<Timestamp>,
}

/// ETags of a pull request's polls, opaque, each bound to one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullValidators {
    /// For the pull request itself.
    pub pull: Option<String>,
    /// For its reviews.
    pub reviews: Option<String>,
    /// For its line comments.
    pub review_comments: Option<String>,
    /// For the comments under it.
    pub comments: Option<String>,
}

impl Pull {
    /// The key of the pull request.
    pub fn key(&self) -> PullKey {
        (self.repo, self.facts.number)
    }

    /// Pushes resolve all feedback up to this time.
    pub fn pushed_until(&self) -> Option<Timestamp> {
        let until = self.activity.pushed_until(self.facts.head.as_deref());
        until.max(self.pushed_at)
    }

    /// Whether claims on the issues that it closes may link it: it is open, and its author has write access. Stores index it by
    /// these issues.
    pub fn is_candidate(&self) -> bool {
        self.facts.open && self.facts.trusted
    }
}

/// A pull request in a list of issues. GitHub counts open ones among a repository's open issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedPull {
    /// The pull request's number.
    pub number: IssueNumber,
    /// Whether it is open.
    pub open: bool,
}

/// A pull request to poll, because an active claim names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPull {
    /// The pull request's repository.
    pub repo: RepoName,
    /// The pull request's number.
    pub number: IssueNumber,
    /// The head at the last poll.
    pub head: Option<String>,
    /// Its reviews and comments that wait for an answer.
    pub waiting: Vec<SourceId>,
    /// The ETags of the last poll.
    pub validators: PullValidators,
}
