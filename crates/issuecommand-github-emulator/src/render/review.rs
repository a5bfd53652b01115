//! Reviews and line comments.

use serde_json::{Value, json};

use super::{Shape, reactions, web};
use crate::model::{Issue, Lines, Repo, Review, ReviewComment, ReviewState, Side};

impl Shape<'_> {
    pub(crate) fn review(self, repo: &Repo, issue: &Issue, review: &Review) -> Value {
        let pull = format!("{}/pulls/{}", self.repo_url(repo), issue.number);
        let page = web(
            repo,
            &format!("pull/{}#pullrequestreview-{}", issue.number, review.id),
        );
        let mut row = json!({
            "id": review.id,
            "node_id": format!("PRR_{}", review.id),
            "user": self.user(review.author.as_deref()),
            "body": review.body,
            "state": review.state.as_str(),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": review.association.as_str(),
            "_links": {"html": {"href": page}, "pull_request": {"href": pull}},
            "commit_id": review.commit_id,
        });
        // A pending review has no time.
        if review.state != ReviewState::Pending {
            row["submitted_at"] = json!(review.submitted_at.to_string());
        }
        self.row(review.id, row)
    }

    pub(crate) fn review_comment(
        self,
        repo: &Repo,
        issue: &Issue,
        comment: &ReviewComment,
    ) -> Value {
        let home = self.repo_url(repo);
        let url = format!("{home}/pulls/comments/{}", comment.id);
        let pull = format!("{home}/pulls/{}", issue.number);
        let page = web(
            repo,
            &format!("pull/{}#discussion_r{}", issue.number, comment.id),
        );
        let pull_now = issue.pull.as_ref();
        // Its lines were changed: GitHub shows only the original position and commit.
        let commit = match pull_now {
            Some(pull) if !comment.outdated => pull.head_sha.as_str(),
            _ => comment.commit_id.as_str(),
        };
        let now = |value: Value| {
            if comment.outdated { Value::Null } else { value }
        };
        let (start, line, side) = match comment.lines {
            Lines::File => (None, None, Side::Right),
            Lines::At { start, line, side } => (start, Some(line), side),
        };
        let position = line.unwrap_or(1);
        let mut row = json!({
            "url": url,
            "pull_request_review_id": comment.review_id,
            "id": comment.id,
            "node_id": format!("PRRC_{}", comment.id),
            "diff_hunk": comment.hunk,
            "path": comment.path,
            "position": now(json!(position)),
            "original_position": position,
            "commit_id": commit,
            "original_commit_id": comment.commit_id,
            "body": comment.body,
            "created_at": comment.created_at.to_string(),
            "updated_at": comment.updated_at.to_string(),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": comment.association.as_str(),
            "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull}},
            "reactions": reactions(&url),
            "start_line": now(json!(start.map(|(line, _)| line))),
            "original_start_line": start.map(|(line, _)| line),
            "start_side": start.map(|(_, side)| side.as_str()),
            "line": now(json!(line)),
            "original_line": line,
            "side": side.as_str(),
            "subject_type": if line.is_some() { "line" } else { "file" },
        });
        row["user"] = self.user(comment.author.as_deref());
        if let Some(opened_by) = comment.in_reply_to {
            row["in_reply_to_id"] = json!(opened_by);
        }
        self.row(comment.id, row)
    }
}
