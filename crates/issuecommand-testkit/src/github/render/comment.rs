//! Comments of conversations and of diffs, and reviews.

use serde_json::{Value, json};

use super::{Shape, reactions, web};
use crate::github::model::{Comment, Issue, Repo, Review, ReviewComment, ReviewState};

impl Shape<'_> {
    pub(in crate::github) fn comment(self, repo: &Repo, issue: &Issue, comment: &Comment) -> Value {
        let home = self.repo_url(repo);
        let url = format!("{home}/issues/comments/{}", comment.id);
        let kind = if issue.pull.is_some() {
            "pull"
        } else {
            "issues"
        };
        json!({
            "url": url,
            "html_url": web(repo, &format!("{kind}/{}#issuecomment-{}", issue.number, comment.id)),
            "issue_url": format!("{home}/issues/{}", issue.number),
            "id": comment.id,
            "node_id": format!("IC_{}", comment.id),
            "user": self.user(comment.author.as_deref()),
            "created_at": comment.created_at.to_string(),
            "updated_at": comment.updated_at.to_string(),
            "author_association": comment.association.as_str(),
            "body": comment.body,
            "reactions": reactions(&url),
            "performed_via_github_app": Value::Null,
        })
    }

    pub(in crate::github) fn review(self, repo: &Repo, issue: &Issue, review: &Review) -> Value {
        let pull = format!("{}/pulls/{}", self.repo_url(repo), issue.number);
        let page = web(
            repo,
            &format!("pull/{}#pullrequestreview-{}", issue.number, review.id),
        );
        let mut value = json!({
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
        // A review that was not submitted yet has no time.
        if review.state != ReviewState::Pending {
            value["submitted_at"] = json!(review.submitted_at.to_string());
        }
        value
    }

    pub(in crate::github) fn review_comment(
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
        let head = issue.pull.as_ref().map(|pull| pull.head_sha.as_str());
        // GitHub forgets the position of a comment whose lines a later push changed.
        let outdated = head != Some(comment.commit_id.as_str());
        json!({
            "url": url,
            "pull_request_review_id": comment.review_id,
            "id": comment.id,
            "node_id": format!("PRRC_{}", comment.id),
            "diff_hunk": "@@ -1,3 +1,4 @@",
            "path": comment.path,
            "position": if outdated { Value::Null } else { json!(comment.original_position) },
            "original_position": comment.original_position,
            "commit_id": head,
            "original_commit_id": comment.commit_id,
            "user": self.user(comment.author.as_deref()),
            "body": comment.body,
            "created_at": comment.created_at.to_string(),
            "updated_at": comment.updated_at.to_string(),
            "html_url": page,
            "pull_request_url": pull,
            "author_association": comment.association.as_str(),
            "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": pull}},
            "reactions": reactions(&url),
            "start_line": Value::Null,
            "original_start_line": Value::Null,
            "start_side": Value::Null,
            "line": if outdated { Value::Null } else { json!(comment.original_position) },
            "original_line": comment.original_position,
            "side": "RIGHT",
            "subject_type": "line",
        })
    }
}
