//! What a pull request has beyond an issue, and the commits behind it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::talk::{Review, ReviewComment, ReviewState};

/// The repository that holds the branch of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadRepo {
    /// The repository that the pull request is for.
    Base,
    /// A fork with this id; it has the base's name and the owner that the pull request names.
    Fork(u64),
    /// A fork that was deleted: GitHub answers `"repo": null`.
    Gone,
}

/// What a pull request has beyond an issue.
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
    /// Tip of that branch when the pull request was opened, last pushed to or sent elsewhere.
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
    /// When it was last pushed to. A commit may claim to have been made at any other time.
    pub pushed_at: Timestamp,
    /// Reviews, oldest first.
    pub reviews: Vec<Review>,
    /// Comments on lines of the diff, oldest first.
    pub review_comments: Vec<ReviewComment>,
    /// The threads that are resolved, each by the comment that opened it. REST shows nothing of that.
    pub resolved: BTreeSet<u64>,
}

impl Pull {
    /// Whether this is a review that was not submitted yet.
    pub(crate) fn is_pending(&self, review: Option<u64>) -> bool {
        // From the end: what is asked for was mostly made last, and there may be thousands.
        let review = self.reviews.iter().rev().find(|r| Some(r.id) == review);
        review.is_some_and(|review| review.state == ReviewState::Pending)
    }

    /// The reviews that this login sees: all but the pending ones of others.
    pub(crate) fn reviews_for<'p>(&'p self, login: &'p str) -> impl Iterator<Item = &'p Review> {
        self.reviews.iter().filter(move |review| {
            review.state != ReviewState::Pending || is(review.author.as_deref(), login)
        })
    }

    /// The comments on lines that this login sees: all but the drafts of others.
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

/// A commit, as much of it as GitHub's API shows.
#[derive(Debug, Clone)]
pub struct Commit {
    /// 40 hex digits.
    pub sha: String,
    /// None of the first one, two of a merge: the branch first, what was merged into it second.
    pub parents: Vec<String>,
    /// Login of who wrote it; none when GitHub knows no account for its address.
    pub author: Option<String>,
    /// Login of who committed it: `web-flow` for what GitHub's own pages commit.
    pub committer: Option<String>,
    /// The date that it claims; nobody checks it.
    pub date: Timestamp,
    /// What it says.
    pub message: String,
}
