//! The conversation of issues and pull requests.

use serde_json::{Value, json};

use super::{Place, World};
use crate::builders::NewComment;
use crate::model::Comment;

impl World {
    /// Adds a comment to an issue or pull request. Returns its id.
    pub fn comment(&mut self, repo: &str, number: u64, comment: impl Into<NewComment>) -> u64 {
        let place = self.place_of(repo, number);
        self.comment_at(place, comment.into())
    }

    pub(crate) fn comment_at(&mut self, place: Place, new: NewComment) -> u64 {
        let id = new.id.unwrap_or_else(|| self.fresh_id());
        let author = self.author(new.author);
        let Some(home) = self.repos.get(&place.repo) else {
            return id;
        };
        let association = new
            .association
            .unwrap_or_else(|| self.association(home, author.as_deref()));
        let now = self.now();
        let comment = Comment {
            id,
            author,
            association,
            body: new.body,
            created_at: now,
            updated_at: now,
            minimized: None,
        };
        if self.change(place, |issue| issue.comments.push(comment)) {
            self.tell_comment(place, "created", id, json!({}));
        }
        id
    }

    /// Edits a comment: its `updated_at` moves, and `issue_comment.edited` has the old text in `changes.body`.
    pub fn edit_comment(&mut self, repo: &str, number: u64, comment_id: u64, body: &str) {
        let place = self.place_of(repo, number);
        self.edit_comment_at(place, comment_id, body);
    }

    pub(crate) fn edit_comment_at(&mut self, place: Place, id: u64, body: &str) {
        let now = self.now();
        let mut from = None;
        self.change(place, |issue| {
            let comment = issue.comments.iter_mut().find(|comment| comment.id == id);
            if let Some(comment) = comment.filter(|comment| comment.body != body) {
                from = Some(std::mem::replace(&mut comment.body, body.to_owned()));
                comment.updated_at = comment.updated_at.max(now);
            }
        });
        if let Some(from) = from {
            let fields = json!({"changes": {"body": {"from": from}}});
            self.tell_comment(place, "edited", id, fields);
        }
    }

    /// Deletes a comment: it disappears from all lists, and `issue_comment.deleted` contains it.
    pub fn delete_comment(&mut self, repo: &str, number: u64, comment_id: u64) {
        let place = self.place_of(repo, number);
        self.delete_comment_at(place, comment_id);
    }

    pub(crate) fn delete_comment_at(&mut self, place: Place, id: u64) {
        let shown = self.shown_comment(place, id);
        self.change(place, |issue| {
            issue.comments.retain(|comment| comment.id != id);
        });
        if let Some((shown, by)) = shown {
            let fields = json!({"comment": shown});
            self.tell_of_issue(place, "issue_comment", "deleted", fields, by.as_deref());
        }
    }

    /// Minimizes a comment (`outdated`, `spam`, `resolved`, …): it gets `minimized.reason`, its `updated_at` stays, and no
    /// delivery is sent.
    pub fn minimize_comment(&mut self, repo: &str, number: u64, comment_id: u64, reason: &str) {
        self.set_minimized(repo, number, comment_id, Some(reason));
    }

    /// Unminimizes a comment.
    pub fn unminimize_comment(&mut self, repo: &str, number: u64, comment_id: u64) {
        self.set_minimized(repo, number, comment_id, None);
    }

    fn set_minimized(&mut self, repo: &str, number: u64, comment_id: u64, reason: Option<&str>) {
        let place = self.place_of(repo, number);
        let issue = self
            .repos
            .get_mut(&place.repo)
            .and_then(|repo| repo.issues.get_mut(&number));
        let comments = issue.into_iter().flat_map(|issue| &mut issue.comments);
        for comment in comments.filter(|comment| comment.id == comment_id) {
            comment.minimized = reason.map(str::to_owned);
        }
    }

    fn tell_comment(&mut self, place: Place, action: &str, id: u64, mut fields: Value) {
        if let Some((shown, by)) = self.shown_comment(place, id) {
            fields["comment"] = shown;
            self.tell_of_issue(place, "issue_comment", action, fields, by.as_deref());
        }
    }

    /// A comment in a delivery, and the sender; `None` without a hook.
    fn shown_comment(&self, place: Place, id: u64) -> Option<(Value, Option<String>)> {
        let (repo, issue) = self.seen(place).filter(|_| self.has_hook())?;
        let comment = issue.comments.iter().find(|comment| comment.id == id)?;
        let by = self.acting_or(comment.author.as_deref());
        Some((self.shape().comment(repo, issue, comment), by))
    }
}
