//! Pull requests: opened, pushed to, reviewed, merged.

use super::{Place, World};
use crate::github::keywords::closing;
use crate::github::model::{Pull, Repo, Review, ReviewComment, ReviewState, State, StateReason};
use crate::github::new::{NewComment, NewPull, NewReview};

impl World {
    /// Opens a pull request. Returns its number.
    pub fn open_pull(&mut self, repo: &str, pull: impl Into<NewPull>) -> u64 {
        let repo = self.id_of(repo);
        self.open_pull_in(repo, pull.into())
    }

    pub(crate) fn open_pull_in(&mut self, repo: u64, new: NewPull) -> u64 {
        let Some(home) = self.repos.get(&repo) else {
            return 0;
        };
        let head_owner = new.head_owner.unwrap_or_else(|| home.owner.clone());
        let base_ref = new.base_ref.unwrap_or_else(|| home.default_branch.clone());
        let head_sha = new.head_sha.unwrap_or_else(|| self.fresh_sha());
        self.account(&head_owner, true);
        let pull = Pull {
            head_ref: new.head_ref,
            head_owner,
            head_sha,
            base_ref,
            draft: new.draft,
            merged_at: None,
            merged_by: None,
            merge_commit_sha: None,
            pushes: 1,
            pushed_at: new.issue.created_at.unwrap_or_else(|| self.now()),
            reviews: Vec::new(),
            review_comments: Vec::new(),
        };
        self.insert(repo, new.issue, Some(Box::new(pull)))
    }

    /// Pushes one commit to the branch of a pull request. Returns its hash.
    pub fn push(&mut self, repo: &str, number: u64) -> String {
        let place = self.place_of(repo, number);
        let sha = self.fresh_sha();
        self.push_at(place, &sha);
        sha
    }

    pub(crate) fn push_at(&mut self, place: Place, sha: &str) -> bool {
        let now = self.now();
        self.change_pull(place, |pull| {
            sha.clone_into(&mut pull.head_sha);
            pull.pushes += 1;
            pull.pushed_at = now;
        })
    }

    /// Submits a review. Returns its id.
    pub fn review(
        &mut self,
        repo: &str,
        number: u64,
        state: ReviewState,
        comment: impl Into<NewComment>,
    ) -> u64 {
        let place = self.place_of(repo, number);
        self.review_at(place, NewReview::saying(state, comment))
    }

    pub(crate) fn review_at(&mut self, place: Place, new: NewReview) -> u64 {
        let id = new.comment.id.unwrap_or_else(|| self.fresh_id());
        let author = self.author(new.comment.author);
        let Some(home) = self.repos.get(&place.repo) else {
            return id;
        };
        let association = new
            .comment
            .association
            .unwrap_or_else(|| self.association(home, author.as_deref()));
        let submitted_at = self.now();
        self.change_pull(place, |pull| {
            pull.reviews.push(Review {
                id,
                author,
                association,
                state: new.state,
                body: new.comment.body,
                commit_id: new.commit_id.unwrap_or_else(|| pull.head_sha.clone()),
                submitted_at,
            });
        });
        id
    }

    /// Takes a review back.
    pub fn dismiss_review(&mut self, repo: &str, number: u64, review_id: u64) {
        let place = self.place_of(repo, number);
        self.change_pull(place, |pull| {
            for review in pull
                .reviews
                .iter_mut()
                .filter(|review| review.id == review_id)
            {
                review.state = ReviewState::Dismissed;
            }
        });
    }

    /// Comments on a line of the diff. Outside of a given review GitHub makes one of its own around the comment. Returns the
    /// comment's id.
    pub fn review_comment(
        &mut self,
        repo: &str,
        number: u64,
        comment: impl Into<NewComment>,
    ) -> u64 {
        let place = self.place_of(repo, number);
        let mut comment: NewComment = comment.into();
        if comment.review_id.is_none() {
            let mut around = comment.clone();
            around.body.clear();
            comment.review_id =
                Some(self.review_at(place, NewReview::saying(ReviewState::Commented, around)));
        }
        self.review_comment_at(place, comment)
    }

    pub(crate) fn review_comment_at(&mut self, place: Place, new: NewComment) -> u64 {
        let id = new.id.unwrap_or_else(|| self.fresh_id());
        let author = self.author(new.author);
        let Some(home) = self.repos.get(&place.repo) else {
            return id;
        };
        let association = new
            .association
            .unwrap_or_else(|| self.association(home, author.as_deref()));
        let now = self.now();
        self.change_pull(place, |pull| {
            pull.review_comments.push(ReviewComment {
                id,
                review_id: new.review_id,
                author,
                association,
                body: new.body,
                path: new.path,
                original_position: new.position,
                commit_id: pull.head_sha.clone(),
                created_at: now,
                updated_at: now,
            });
        });
        id
    }

    /// Merges a pull request, and closes the issues that the keywords of its text name if it goes to the default branch.
    pub fn merge_pull(&mut self, repo: &str, number: u64) {
        let place = self.place_of(repo, number);
        let by = self.viewer.clone();
        self.merge_at(place, Some(&by));
        self.close_promised(place, &by);
    }

    /// Closes a pull request without merging it.
    pub fn close_pull(&mut self, repo: &str, number: u64) {
        self.close_issue(repo, number);
    }

    /// Marks a pull request as merged; issues stay as they are. Returns the merge commit.
    pub(crate) fn merge_at(&mut self, place: Place, by: Option<&str>) -> Option<String> {
        let issue = self.at_place(place)?;
        if issue.pull.as_ref()?.merged_at.is_some() {
            return None;
        }
        let author = issue.author.as_ref().map(|author| author.to_lowercase());
        let now = self.now();
        let sha = self.fresh_sha();
        self.change_pull(place, |pull| {
            pull.merged_at = Some(now);
            pull.merged_by = by.map(str::to_owned);
            pull.merge_commit_sha = Some(sha.clone());
        });
        // Closing comes last: what is told of it knows of the merge.
        self.close_at(place, None, by);
        self.change_repo(place.repo, |repo| repo.contributors.extend(author));
        Some(sha)
    }

    /// Closes the issues that a merged pull request promised to close.
    pub(crate) fn close_promised(&mut self, place: Place, by: &str) {
        let Some(issue) = self.at_place(place) else {
            return;
        };
        let default_branch = self
            .repos
            .get(&place.repo)
            .map(|repo| repo.default_branch.as_str());
        if issue.pull.as_ref().map(|pull| pull.base_ref.as_str()) != default_branch {
            return;
        }
        for closing in closing(issue.body.as_deref().unwrap_or_default()) {
            let repo = match closing.repo {
                None => Some(place.repo),
                Some(name) => self.repo(&name).map(|repo| repo.id),
            };
            let Some(target) = repo.map(|repo| Place {
                repo,
                number: closing.number,
            }) else {
                continue;
            };
            let open_issue = self
                .at_place(target)
                .is_some_and(|issue| issue.pull.is_none() && issue.state == State::Open);
            if open_issue {
                self.close_at(target, Some(StateReason::Completed), Some(by));
            }
        }
    }

    /// Whether an open pull request comes from this branch already.
    pub(crate) fn has_open_pull(
        repo: &Repo,
        head_owner: &str,
        head_ref: &str,
        base_ref: &str,
    ) -> bool {
        repo.issues()
            .filter(|issue| issue.state == State::Open)
            .filter_map(|issue| issue.pull.as_ref())
            .any(|pull| {
                pull.head_ref == head_ref
                    && pull.base_ref == base_ref
                    && pull.head_owner.eq_ignore_ascii_case(head_owner)
            })
    }

    fn change_pull(&mut self, place: Place, change: impl FnOnce(&mut Pull)) -> bool {
        let is_pull = self
            .at_place(place)
            .is_some_and(|issue| issue.pull.is_some());
        is_pull
            && self.change(place, |issue| {
                if let Some(pull) = &mut issue.pull {
                    change(pull);
                }
            })
    }

    /// A commit hash that no other commit of this world has.
    fn fresh_sha(&mut self) -> String {
        let id = self.fresh_id();
        // Spread by a fixed odd factor, so that hashes do not look like counters; the id at the end keeps them apart.
        let spread = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("{spread:016x}{:016x}{id:08x}", spread.rotate_left(29))
    }
}
