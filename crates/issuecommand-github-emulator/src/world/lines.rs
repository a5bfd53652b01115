//! Line comments and their threads.

use serde_json::{Value, json};

use super::{Place, World};
use crate::builders::{NewComment, NewReview};
use crate::model::{Pull, ReviewComment, ReviewState};

impl World {
    /// Adds a line comment. Without a given review GitHub creates one for the comment. Returns the comment's id.
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
            around.id = None;
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
        let draft = self
            .at_place(place)
            .and_then(|issue| issue.pull.as_ref())
            .is_some_and(|pull| pull.is_pending(new.review_id));
        let add = |pull: &mut Pull| {
            let mut comment = ReviewComment {
                id,
                review_id: new.review_id,
                author,
                association,
                body: new.body,
                path: new.path,
                lines: new.lines,
                hunk: new.hunk.unwrap_or_else(|| "@@ -1,3 +1,4 @@".to_owned()),
                in_reply_to: None,
                outdated: false,
                commit_id: pull.head_sha.clone(),
                created_at: now,
                updated_at: now,
            };
            let replied = new
                .in_reply_to
                .and_then(|id| pull.review_comments.iter().find(|known| known.id == id));
            if let Some(replied) = replied {
                // GitHub names the first comment of the thread, whichever was replied to.
                comment.in_reply_to = Some(replied.in_reply_to.unwrap_or(replied.id));
                comment.path.clone_from(&replied.path);
                comment.hunk.clone_from(&replied.hunk);
                comment.commit_id.clone_from(&replied.commit_id);
                comment.lines = replied.lines;
                comment.outdated = replied.outdated;
            }
            pull.review_comments.push(comment);
        };
        if draft {
            self.change_quietly(place, add);
        } else if self.change_pull(place, add) {
            self.tell_line_comment(place, "created", id, json!({}));
        }
        id
    }

    /// Edits a line comment: `pull_request_review_comment.edited`, except for drafts.
    pub fn edit_review_comment(&mut self, repo: &str, number: u64, comment_id: u64, body: &str) {
        let place = self.place_of(repo, number);
        self.edit_review_comment_at(place, comment_id, body);
    }

    pub(crate) fn edit_review_comment_at(&mut self, place: Place, id: u64, body: &str) {
        let now = self.now();
        let mut from = None;
        let mut draft = false;
        self.change_pull(place, |pull| {
            let comment = pull.review_comments.iter_mut().find(|c| c.id == id);
            if let Some(comment) = comment.filter(|comment| comment.body != body) {
                from = Some(std::mem::replace(&mut comment.body, body.to_owned()));
                comment.updated_at = comment.updated_at.max(now);
                let review = comment.review_id;
                draft = pull.is_pending(review);
            }
        });
        if let Some(from) = from.filter(|_| !draft) {
            let fields = json!({"changes": {"body": {"from": from}}});
            self.tell_line_comment(place, "edited", id, fields);
        }
    }

    /// Deletes a line comment: `pull_request_review_comment.deleted`.
    pub fn delete_review_comment(&mut self, repo: &str, number: u64, comment_id: u64) {
        let place = self.place_of(repo, number);
        self.delete_review_comment_at(place, comment_id);
    }

    pub(crate) fn delete_review_comment_at(&mut self, place: Place, id: u64) {
        let shown = self.shown_line_comment(place, id);
        self.change_pull(place, |pull| {
            pull.review_comments.retain(|comment| comment.id != id);
            pull.resolved.remove(&id);
        });
        if let Some((shown, by)) = shown {
            let fields = json!({"comment": shown});
            let event = "pull_request_review_comment";
            self.tell_of_pull(place, event, "deleted", fields, by.as_deref());
        }
    }

    /// Resolves the thread of this line comment. REST does not show that.
    pub fn resolve_thread(&mut self, repo: &str, number: u64, comment_id: u64) {
        self.set_resolved(repo, number, comment_id, true);
    }

    /// Unresolves it: `pull_request_review_thread.unresolved`.
    pub fn unresolve_thread(&mut self, repo: &str, number: u64, comment_id: u64) {
        self.set_resolved(repo, number, comment_id, false);
    }

    fn set_resolved(&mut self, repo: &str, number: u64, comment_id: u64, resolved: bool) {
        let place = self.place_of(repo, number);
        let mut root = comment_id;
        self.change_pull(place, |pull| {
            let comment = pull.review_comments.iter().find(|c| c.id == comment_id);
            root = comment.and_then(|c| c.in_reply_to).unwrap_or(comment_id);
            if resolved {
                pull.resolved.insert(root);
            } else {
                pull.resolved.remove(&root);
            }
        });
        let Some((repo, issue)) = self.seen(place).filter(|_| self.has_hook()) else {
            return;
        };
        let Some(pull) = &issue.pull else { return };
        let thread: Vec<Value> = pull
            .review_comments
            .iter()
            .filter(|comment| comment.id == root || comment.in_reply_to == Some(root))
            .map(|comment| self.shape().review_comment(repo, issue, comment))
            .collect();
        let thread = json!({"node_id": format!("PRRT_{root}"), "comments": thread});
        let action = if resolved { "resolved" } else { "unresolved" };
        let event = "pull_request_review_thread";
        self.tell_of_pull(place, event, action, json!({"thread": thread}), None);
    }

    pub(super) fn tell_line_comment(
        &mut self,
        place: Place,
        action: &str,
        id: u64,
        mut fields: Value,
    ) {
        if let Some((shown, by)) = self.shown_line_comment(place, id) {
            fields["comment"] = shown;
            let event = "pull_request_review_comment";
            self.tell_of_pull(place, event, action, fields, by.as_deref());
        }
    }

    /// A line comment in a delivery, and the sender; `None` without a hook or for a draft.
    fn shown_line_comment(&self, place: Place, id: u64) -> Option<(Value, Option<String>)> {
        let (repo, issue) = self.seen(place).filter(|_| self.has_hook())?;
        let pull = issue.pull.as_ref()?;
        let comment = pull.review_comments.iter().find(|c| c.id == id)?;
        if pull.is_pending(comment.review_id) {
            return None;
        }
        let by = self.acting_or(comment.author.as_deref());
        Some((self.shape().review_comment(repo, issue, comment), by))
    }
}
