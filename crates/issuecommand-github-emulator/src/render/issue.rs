//! An issue, its labels and its milestone; a pull request as the issue lists show it.

use serde_json::{Value, json};

use super::{Shape, reactions, web};
use crate::model::{Issue, Label, Milestone, Repo, StateReason};

impl Shape<'_> {
    /// An issue as lists show it.
    pub(crate) fn issue(self, repo: &Repo, issue: &Issue) -> Value {
        let home = self.repo_url(repo);
        let number = issue.number;
        let url = format!("{home}/issues/{number}");
        let page = web(
            repo,
            &format!(
                "{}/{number}",
                if issue.pull.is_some() {
                    "pull"
                } else {
                    "issues"
                }
            ),
        );
        let mut value = json!({
            "url": url,
            "repository_url": home,
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "html_url": page,
            "id": issue.id,
            "node_id": format!("I_{}", issue.id),
            "number": number,
            "title": issue.title,
            "state": issue.state.as_str(),
            "state_reason": issue.state_reason.map(StateReason::as_str),
            "locked": false,
            "comments": issue.comments.len(),
            "created_at": issue.created_at.to_string(),
            "updated_at": issue.updated_at.to_string(),
            "closed_at": issue.closed_at.map(|time| time.to_string()),
            "author_association": issue.association.as_str(),
            "active_lock_reason": Value::Null,
            "body": issue.body,
            "timeline_url": format!("{url}/timeline"),
            "performed_via_github_app": Value::Null,
        });
        value["reactions"] = reactions(&url);
        self.add_people_and_labels(repo, issue, &mut value);
        self.add_optional_facts(repo, issue, &mut value);
        if let Some(pull) = &issue.pull {
            value["draft"] = json!(pull.draft);
            value["pull_request"] = json!({
                "url": format!("{home}/pulls/{number}"),
                "html_url": page,
                "diff_url": format!("{page}.diff"),
                "patch_url": format!("{page}.patch"),
                "merged_at": pull.merged_at.map(|time| time.to_string()),
            });
        }
        self.row(issue.id, value)
    }

    /// An issue in deliveries about issues and comments, which do not say its parent.
    pub(crate) fn issue_in_delivery(self, repo: &Repo, issue: &Issue) -> Value {
        let mut value = self.issue(repo, issue);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("parent_issue_url");
        }
        value
    }

    /// A single issue: only here GitHub shows who closed it.
    pub(crate) fn issue_alone(self, repo: &Repo, issue: &Issue) -> Value {
        let mut value = self.issue(repo, issue);
        if value.is_object() {
            value["closed_by"] = self.user(issue.closed_by.as_deref());
        }
        value
    }

    /// The nested objects of an issue or pull request, added one by one. `json!` would copy each of them, which is slow for the
    /// lists of a hundred issues in a first sync.
    pub(super) fn add_people_and_labels(self, repo: &Repo, issue: &Issue, value: &mut Value) {
        let milestone = issue.milestone.and_then(|number| repo.milestone(number));
        value["user"] = self.user(issue.author.as_deref());
        value["assignee"] = self.user(issue.assignees.first().map(String::as_str));
        value["assignees"] = issue
            .assignees
            .iter()
            .map(|login| self.user(Some(login)))
            .collect();
        value["labels"] = self.labels(repo, &issue.labels);
        value["milestone"] =
            milestone.map_or(Value::Null, |milestone| self.milestone(repo, milestone));
    }

    fn labels(self, repo: &Repo, names: &[String]) -> Value {
        names
            .iter()
            .filter_map(|name| repo.labels.get(&name.to_lowercase()))
            .map(|label| self.label(repo, label))
            .collect()
    }

    /// A label by its name, which may have been deleted.
    pub(crate) fn label_named(self, repo: &Repo, name: &str) -> Value {
        let label = repo.labels.get(&name.to_lowercase());
        label.map_or(json!({"name": name}), |label| self.label(repo, label))
    }

    pub(crate) fn label(self, repo: &Repo, label: &Label) -> Value {
        json!({
            "id": label.id,
            "node_id": format!("LA_{}", label.id),
            "url": format!("{}/labels/{}", self.repo_url(repo), label.name.replace(' ', "%20")),
            "name": label.name,
            "color": label.color,
            "default": matches!(label.name.as_str(), "bug" | "enhancement" | "documentation" | "good first issue"),
            "description": label.description,
        })
    }

    pub(crate) fn milestone(self, repo: &Repo, milestone: &Milestone) -> Value {
        let url = format!("{}/milestones/{}", self.repo_url(repo), milestone.number);
        let (open, closed) = repo
            .listings
            .milestone_counts(milestone.number, &repo.issues);
        let mut value = json!({
            "url": url,
            "html_url": web(repo, &format!("milestone/{}", milestone.number)),
            "labels_url": format!("{url}/labels"),
            "id": milestone.id,
            "node_id": format!("MI_{}", milestone.id),
            "number": milestone.number,
            "title": milestone.title,
            "description": Value::Null,
            "open_issues": open,
            "closed_issues": closed,
            "state": milestone.state().as_str(),
            "created_at": milestone.created_at.to_string(),
            "updated_at": milestone.updated_at.to_string(),
            "due_on": Value::Null,
            "closed_at": milestone.closed_at.map(|time| time.to_string()),
        });
        value["creator"] = self.user(Some(&repo.owner));
        value
    }
}
