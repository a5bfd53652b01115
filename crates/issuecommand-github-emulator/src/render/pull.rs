//! A pull request as `/pulls` shows it, in lists and alone.

use serde_json::{Value, json};

use super::{Shape, joined, web};
use crate::model::{HeadRepo, Issue, Pull, Repo, State};

impl Shape<'_> {
    /// A pull request as lists show it.
    pub(crate) fn pull(self, repo: &Repo, issue: &Issue, pull: &Pull) -> Value {
        let home = self.repo_url(repo);
        let number = issue.number;
        let url = format!("{home}/pulls/{number}");
        let as_issue = format!("{home}/issues/{number}");
        let page = web(repo, &format!("pull/{number}"));
        let as_issue_too = json!({
            "url": url,
            "id": issue.id,
            "node_id": format!("PR_{}", issue.id),
            "html_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "issue_url": as_issue,
            "number": number,
            "state": issue.state.as_str(),
            "locked": false,
            "title": issue.title,
            "body": issue.body,
            "created_at": issue.created_at.to_string(),
            "updated_at": issue.updated_at.to_string(),
            "closed_at": issue.closed_at.map(|time| time.to_string()),
            "merged_at": pull.merged_at.map(|time| time.to_string()),
            "merge_commit_sha": pull.merge_commit_sha,
        });
        let rest = json!({
            "requested_reviewers": [],
            "requested_teams": [],
            "draft": pull.draft,
            "commits_url": format!("{url}/commits"),
            "review_comments_url": format!("{url}/comments"),
            "review_comment_url": format!("{home}/pulls/comments{{/number}}"),
            "comments_url": format!("{as_issue}/comments"),
            "statuses_url": format!("{home}/statuses/{}", pull.head_sha),
            "head": self.head(repo, pull),
            "base": self.end(&repo.owner, &pull.base_ref, &pull.base_sha, self.repo(repo)),
            "_links": {
                "self": {"href": url},
                "html": {"href": page},
                "issue": {"href": as_issue},
                "comments": {"href": format!("{as_issue}/comments")},
                "review_comments": {"href": format!("{url}/comments")},
                "commits": {"href": format!("{url}/commits")},
            },
            "author_association": issue.association.as_str(),
            "auto_merge": Value::Null,
            "active_lock_reason": Value::Null,
        });
        let mut value = joined(as_issue_too, rest);
        self.add_people_and_labels(repo, issue, &mut value);
        self.row(issue.id, value)
    }

    /// A single pull request, with fields that GitHub computes only here.
    pub(crate) fn pull_alone(self, repo: &Repo, issue: &Issue, pull: &Pull) -> Value {
        let mut value = self.pull(repo, issue, pull);
        if !value.is_object() {
            return value;
        }
        let open = issue.state == State::Open;
        value["merged"] = json!(pull.merged_at.is_some());
        value["mergeable"] = if open {
            json!(!pull.draft)
        } else {
            Value::Null
        };
        value["rebaseable"] = value["mergeable"].clone();
        value["mergeable_state"] = json!(match (open, pull.draft) {
            (true, true) => "draft",
            (true, false) => "clean",
            (false, _) => "unknown",
        });
        value["merged_by"] = self.user(pull.merged_by.as_deref());
        value["comments"] = json!(issue.comments.len());
        value["review_comments"] = json!(pull.review_comments.len());
        value["maintainer_can_modify"] = json!(false);
        value["commits"] = json!(pull.pushes);
        value["additions"] = json!(pull.pushes * 17);
        value["deletions"] = json!(pull.pushes * 5);
        value["changed_files"] = json!(2);
        value
    }

    fn head(self, repo: &Repo, pull: &Pull) -> Value {
        // The owner may have been renamed since.
        let (owner, home) = match pull.head_repo {
            HeadRepo::Base => (&repo.owner, self.repo(repo)),
            HeadRepo::Fork(id) => (&pull.head_owner, self.fork(repo, id, &pull.head_owner)),
            HeadRepo::Gone => (&pull.head_owner, Value::Null),
        };
        self.end(owner, &pull.head_ref, &pull.head_sha, home)
    }

    /// The head or base of a pull request.
    fn end(self, owner: &str, name: &str, sha: &str, repo: Value) -> Value {
        let mut end = json!({
            "label": format!("{owner}:{name}"),
            "ref": name,
            "sha": sha,
            "user": self.user(Some(owner)),
        });
        end["repo"] = repo;
        end
    }
}
