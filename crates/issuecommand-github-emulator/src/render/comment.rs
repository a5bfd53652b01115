//! Comments of conversations.

use serde_json::{Value, json};

use super::{Shape, reactions, web};
use crate::model::{Comment, Issue, Repo};

impl Shape<'_> {
    /// The App that an account belongs to.
    pub(super) fn app(self, login: &str) -> Option<Value> {
        let slug = login.strip_suffix("[bot]")?;
        let id = self.world.user(login)?.id;
        Some(json!({"id": id, "slug": slug, "name": slug, "client_id": format!("Iv1.{id:016x}")}))
    }

    pub(crate) fn comment(self, repo: &Repo, issue: &Issue, comment: &Comment) -> Value {
        let home = self.repo_url(repo);
        let url = format!("{home}/issues/comments/{}", comment.id);
        let kind = if issue.pull.is_some() {
            "pull"
        } else {
            "issues"
        };
        let app = comment.author.as_deref().and_then(|login| self.app(login));
        let row = json!({
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
            "performed_via_github_app": app,
            "minimized": comment.minimized.as_ref().map(|reason| json!({"reason": reason})),
        });
        self.row(comment.id, row)
    }
}
