//! Payloads by GitHub's documented shapes: the relevant fields and a few more.

use serde_json::{Value, json};

pub(super) fn user(login: &str, kind: &str) -> Value {
    json!({"login": login, "id": 7, "type": kind, "site_admin": false})
}

pub(super) fn repository() -> Value {
    json!({
        "id": 186_853_002, "node_id": "R_1", "name": "Api", "full_name": "Acme/Api",
        "private": true, "owner": user("Acme", "Organization"),
        "html_url": "https://github.com/Acme/Api", "description": null, "fork": false,
        "archived": false, "disabled": false, "has_issues": true, "open_issues_count": 3,
        "default_branch": "main", "created_at": "2024-05-15T15:19:25Z",
    })
}

/// As in a `pull_request` delivery; others have fewer fields.
pub(super) fn pull() -> Value {
    let repo = repository();
    json!({
        "id": 1, "number": 5, "state": "open", "locked": false, "title": "Mend login",
        "html_url": "https://github.com/Acme/Api/pull/5",
        "user": user("ada", "User"), "body": "Closes #3, fixes other/repo#4.",
        "created_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-01T11:00:00Z",
        "closed_at": null, "merged_at": null, "merged": false, "draft": false,
        "author_association": "MEMBER",
        "head": {"ref": "mend", "sha": "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "repo": null},
        "base": {"ref": "main", "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e", "repo": repo},
    })
}

pub(super) fn of_pull(action: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut pull = pull();
    change(&mut pull);
    json!({
        "action": action, "number": 5, "pull_request": pull, "repository": repository(),
        "sender": user("ada", "User"),
    })
}

pub(super) fn review(action: &str, state: &str) -> Value {
    let mut pull = pull();
    pull.as_object_mut().unwrap().remove("merged");
    json!({
        "action": action,
        "review": {
            "id": 237_895_671, "user": user("rita", "User"), "body": "Not yet.", "state": state,
            "commit_id": "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            "submitted_at": "2026-01-01T10:30:00Z", "author_association": "OWNER",
            "html_url": "https://github.com/Acme/Api/pull/5#pullrequestreview-237895671",
        },
        "pull_request": pull, "repository": repository(), "sender": user("rita", "User"),
    })
}

pub(super) fn comment_on_a_line(action: &str) -> Value {
    let mut payload = review(action, "commented");
    payload.as_object_mut().unwrap().remove("review");
    payload["comment"] = json!({
        "id": 284_312_630, "pull_request_review_id": 237_895_671, "user": user("rita", "User"),
        "body": "Maybe more emoji?", "path": "README.md", "line": 12, "original_line": 12,
        "created_at": "2026-01-01T10:31:00Z", "updated_at": "2026-01-01T10:31:00Z",
        "author_association": "OWNER",
        "html_url": "https://github.com/Acme/Api/pull/5#discussion_r284312630",
    });
    payload
}

pub(super) fn thread(action: &str) -> Value {
    let mut payload = comment_on_a_line(action);
    let first = payload.as_object_mut().unwrap().remove("comment").unwrap();
    let mut second = first.clone();
    second["id"] = json!(284_312_631);
    payload["thread"] = json!({"node_id": "PRRT_1", "comments": [first, second]});
    payload
}

pub(super) fn issue() -> Value {
    json!({
        "id": 2, "number": 3, "title": "Login loops", "user": user("grace", "User"),
        "labels": [{"name": "bug"}], "state": "open", "assignee": null, "assignees": [],
        "milestone": null, "comments": 0, "body": null, "author_association": "NONE",
        "created_at": "2026-01-01T09:00:00Z", "updated_at": "2026-01-01T09:30:00Z",
        "closed_at": null, "html_url": "https://github.com/Acme/Api/issues/3",
    })
}

pub(super) fn of_issue(action: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut issue = issue();
    change(&mut issue);
    json!({
        "action": action, "issue": issue, "repository": repository(),
        "sender": user("grace", "User"),
    })
}

/// A comment under the pull request 5, which to GitHub is an issue too.
pub(super) fn comment_on_a_pull(action: &str) -> Value {
    let mut payload = of_issue(action, |issue| {
        issue["number"] = json!(5);
        issue["title"] = json!("Mend login");
        issue["html_url"] = json!("https://github.com/Acme/Api/pull/5");
        issue["pull_request"] = json!({
            "url": "https://api.github.com/repos/Acme/Api/pulls/5",
            "html_url": "https://github.com/Acme/Api/pull/5", "merged_at": null,
        });
    });
    payload["comment"] = json!({
        "id": 492_700_400, "user": user("rita", "User"), "body": "You are totally right!",
        "created_at": "2026-01-01T10:32:00Z", "updated_at": "2026-01-01T10:32:00Z",
        "author_association": "NONE",
        "html_url": "https://github.com/Acme/Api/pull/5#issuecomment-492700400",
    });
    payload
}
