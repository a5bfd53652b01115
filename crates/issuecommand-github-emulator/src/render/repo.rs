//! A repository as GitHub shows it.

use serde_json::{Value, json};

use super::{Shape, WEB, joined};
use crate::model::Repo;

impl Shape<'_> {
    pub(crate) fn repo(self, repo: &Repo) -> Value {
        let open = repo.lies.open_issues.unwrap_or(repo.open);
        let url = self.repo_url(repo);
        let page = format!("{WEB}/{}/{}", repo.owner, repo.name);
        let identity = json!({
            "id": repo.id,
            "node_id": format!("R_{}", repo.id),
            "name": repo.name,
            "full_name": repo.full_name(),
            "private": repo.private,
            "visibility": if repo.private { "private" } else { "public" },
            "owner": self.user(Some(&repo.owner)),
            "html_url": page,
            "description": repo.description,
            "fork": false,
            "url": url,
            "issues_url": format!("{url}/issues{{/number}}"),
            "issue_comment_url": format!("{url}/issues/comments{{/number}}"),
            "pulls_url": format!("{url}/pulls{{/number}}"),
            "labels_url": format!("{url}/labels{{/name}}"),
            "milestones_url": format!("{url}/milestones{{/number}}"),
            "clone_url": format!("{page}.git"),
            "created_at": repo.created_at.to_string(),
            "updated_at": repo.updated_at.to_string(),
            "pushed_at": repo.updated_at.to_string(),
        });
        let rest = json!({
            "homepage": Value::Null,
            "size": 108,
            "stargazers_count": 80,
            "watchers_count": 80,
            "language": "Rust",
            "has_issues": repo.has_issues,
            "has_projects": false,
            "has_downloads": true,
            "has_wiki": false,
            "has_pages": false,
            "has_discussions": false,
            "forks_count": 9,
            "mirror_url": Value::Null,
            "archived": repo.archived,
            "disabled": false,
            // GitHub includes open pull requests in this count.
            "open_issues_count": open,
            "open_issues": open,
            "license": Value::Null,
            "allow_forking": true,
            "is_template": false,
            "topics": [],
            "forks": 9,
            "watchers": 80,
            "default_branch": repo.default_branch,
            "permissions": {
                "admin": false, "maintain": false, "push": repo.writable, "triage": repo.writable, "pull": true,
            },
        });
        joined(identity, rest)
    }

    /// A fork, of which only the id and the owner are known.
    pub(super) fn fork(self, of: &Repo, id: u64, owner: &str) -> Value {
        let mut value = self.repo(of);
        let name = format!("{owner}/{}", of.name);
        value["id"] = json!(id);
        value["node_id"] = json!(format!("R_{id}"));
        value["full_name"] = json!(name);
        value["owner"] = self.user(Some(owner));
        value["html_url"] = json!(format!("{WEB}/{name}"));
        value["url"] = json!(format!("{}/repos/{name}", self.api));
        value["fork"] = json!(true);
        value["open_issues_count"] = json!(0);
        value["open_issues"] = json!(0);
        value
    }
}
