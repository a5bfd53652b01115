//! The part of a pull request beyond an issue, and its commits.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::talk::{Review, ReviewComment, ReviewState};

/// The repository that holds the branch of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadRepo {
    /// The repository of the pull request itself.
    Base,
    /// The fork with this id. It has the base's name, and its owner is in the pull request.
    Fork(u64),
    /// A fork that was deleted: GitHub answers `"repo": null`.
    Gone,
}

/// The part of a pull request beyond an issue.
#[derive(Debug, Clone)]
pub struct Pull {
    /// Branch it comes from.
    pub head_ref: String,
    /// Owner of the repository that holds that branch.
    pub head_owner: String,
    /// The repository that holds that branch.
    pub head_repo: HeadRepo,
    /// Commit at the tip of the branch, 40 hex digits.
    pub head_sha: String,
    /// Branch it goes to.
    pub base_ref: String,
    /// Tip of that branch when the pull request was opened, last pushed to or retargeted.
    pub base_sha: String,
    /// Not ready for review.
    pub draft: bool,
    /// When it was merged.
    pub merged_at: Option<Timestamp>,
    /// Who merged it.
    pub merged_by: Option<String>,
    /// The commit that the merge made.
    pub merge_commit_sha: Option<String>,
    /// How often the branch was pushed to.
    pub pushes: u64,
    /// When it was last pushed to. The dates of its commits may differ.
    pub pushed_at: Timestamp,
    /// Reviews, oldest first.
    pub reviews: Vec<Review>,
    /// Comments on lines of the diff, oldest first.
    pub review_comments: Vec<ReviewComment>,
    /// The resolved threads, each by its first comment. REST does not show them.
    pub resolved: BTreeSet<u64>,
}

impl Pull {
    /// Whether this review was not submitted yet.
    pub(crate) fn is_pending(&self, review: Option<u64>) -> bool {
        // Searched from the end, because recent reviews are requested most and there may be thousands.
        let review = self.reviews.iter().rev().find(|r| Some(r.id) == review);
        review.is_some_and(|review| review.state == ReviewState::Pending)
    }

    /// The reviews that this login sees: all except the pending ones of others.
    pub(crate) fn reviews_for<'p>(&'p self, login: &'p str) -> impl Iterator<Item = &'p Review> {
        self.reviews.iter().filter(move |review| {
            review.state != ReviewState::Pending || is(review.author.as_deref(), login)
        })
    }

    /// The line comments that this login sees: all except the drafts of others.
    pub(crate) fn comments_for<'p>(
        &'p self,
        login: &'p str,
    ) -> impl Iterator<Item = &'p ReviewComment> {
        let pending = |review: &&Review| review.state == ReviewState::Pending;
        let pending: BTreeSet<u64> = self.reviews.iter().filter(pending).map(|r| r.id).collect();
        self.review_comments.iter().filter(move |comment| {
            let draft = comment.review_id.is_some_and(|id| pending.contains(&id));
            !draft || is(comment.author.as_deref(), login)
        })
    }
}

fn is(author: Option<&str>, login: &str) -> bool {
    author.is_some_and(|author| author.eq_ignore_ascii_case(login))
}

/// A commit as GitHub's API shows it.
#[derive(Debug, Clone)]
pub struct Commit {
    /// 40 hex digits.
    pub sha: String,
    /// The first commit has none, a merge has two: first the branch, then the merged commit.
    pub parents: Vec<String>,
    /// Login of the author; `None` if no account has the address.
    pub author: Option<String>,
    /// Login of the committer: `web-flow` for commits by GitHub's web pages.
    pub committer: Option<String>,
    /// The date in the commit, which is not verified.
    pub date: Timestamp,
    /// The commit message: subject, and body if there is one.
    pub message: String,
}
