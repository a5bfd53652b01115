//! Reviews, pending and submitted.

use serde_json::{Value, json};

use super::{Place, World};
use crate::builders::{NewComment, NewReview};
use crate::model::{Pull, Review, ReviewState};

impl World {
    /// Submits a review, or begins a pending one, which is visible only to its author. Returns its id.
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
        let add = |pull: &mut Pull| {
            pull.reviews.push(Review {
                id,
                author,
                association,
                state: new.state,
                body: new.comment.body,
                commit_id: new.commit_id.unwrap_or_else(|| pull.head_sha.clone()),
                submitted_at,
            });
        };
        if new.state == ReviewState::Pending {
            self.change_quietly(place, add);
        } else if self.change_pull(place, add) {
            self.tell_review(place, "submitted", id, json!({}));
        }
        id
    }

    /// Submits a pending review with this verdict. Its draft comments become visible, with the time of writing as `created_at`
    /// and that of the submission as `updated_at`.
    pub fn submit_review(&mut self, repo: &str, number: u64, review_id: u64, state: ReviewState) {
        let place = self.place_of(repo, number);
        self.submit_review_at(place, review_id, state, None);
    }

    /// Returns whether there was such a pending review.
    pub(crate) fn submit_review_at(
        &mut self,
        place: Place,
        id: u64,
        state: ReviewState,
        body: Option<&str>,
    ) -> bool {
        let now = self.now();
        let mut drafts = None;
        self.change_pull(place, |pull| {
            let review = pull.reviews.iter_mut().find(|review| review.id == id);
            let Some(review) = review.filter(|review| review.state == ReviewState::Pending) else {
                return;
            };
            review.state = state;
            review.submitted_at = now;
            if let Some(body) = body {
                body.clone_into(&mut review.body);
            }
            let of_it = pull.review_comments.iter_mut();
            let of_it = of_it.filter(|comment| comment.review_id == Some(id));
            drafts = Some(
                of_it
                    .map(|comment| {
                        comment.updated_at = comment.updated_at.max(now);
                        comment.id
                    })
                    .collect::<Vec<u64>>(),
            );
        });
        let Some(drafts) = drafts else { return false };
        self.tell_review(place, "submitted", id, json!({}));
        for draft in drafts {
            self.tell_line_comment(place, "created", draft, json!({}));
        }
        true
    }

    /// Discards a pending review with its drafts. No delivery is sent.
    pub fn discard_review(&mut self, repo: &str, number: u64, review_id: u64) {
        let place = self.place_of(repo, number);
        self.change_quietly(place, |pull| {
            let is_it =
                |review: &Review| review.id == review_id && review.state == ReviewState::Pending;
            if pull.reviews.iter().any(is_it) {
                pull.reviews.retain(|review| !is_it(review));
                pull.review_comments
                    .retain(|comment| comment.review_id != Some(review_id));
            }
        });
    }

    /// Edits the text of a submitted review: `pull_request_review.edited`. Lists have no `updated_at` of reviews.
    pub fn edit_review(&mut self, repo: &str, number: u64, review_id: u64, body: &str) {
        let place = self.place_of(repo, number);
        let mut from = None;
        self.change_pull(place, |pull| {
            let review = pull
                .reviews
                .iter_mut()
                .find(|review| review.id == review_id);
            if let Some(review) = review.filter(|review| review.body != body) {
                from = Some(std::mem::replace(&mut review.body, body.to_owned()));
            }
        });
        if let Some(from) = from {
            let fields = json!({"changes": {"body": {"from": from}}});
            self.tell_review(place, "edited", review_id, fields);
        }
    }

    /// Dismisses a review.
    pub fn dismiss_review(&mut self, repo: &str, number: u64, review_id: u64) {
        let place = self.place_of(repo, number);
        let mut dismissed = false;
        self.change_pull(place, |pull| {
            let review = pull
                .reviews
                .iter_mut()
                .find(|review| review.id == review_id);
            if let Some(review) = review.filter(|r| r.state != ReviewState::Dismissed) {
                review.state = ReviewState::Dismissed;
                dismissed = true;
            }
        });
        if dismissed {
            self.tell_review(place, "dismissed", review_id, json!({}));
        }
    }

    fn tell_review(&mut self, place: Place, action: &str, id: u64, mut fields: Value) {
        let Some((repo, issue)) = self.seen(place).filter(|_| self.has_hook()) else {
            return;
        };
        let pull = issue.pull.as_ref();
        let Some(review) = pull.and_then(|pull| pull.reviews.iter().find(|r| r.id == id)) else {
            return;
        };
        let mut shown = self.shape().review(repo, issue, review);
        // Deliveries use lower case where lists use capitals.
        shown["state"] = json!(review.state.as_str().to_lowercase());
        if shown["body"] == json!("") {
            shown["body"] = Value::Null;
        }
        fields["review"] = shown;
        let by = self.acting_or(review.author.as_deref());
        self.tell_of_pull(place, "pull_request_review", action, fields, by.as_deref());
    }
}
