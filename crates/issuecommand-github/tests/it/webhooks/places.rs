//! Issues, repositories, installations, and the ping.

use issuecommand_core::domain::issue::{IssueState, WithheldReason};
use issuecommand_core::domain::webhook::{GithubEvent, Ignored};
use serde_json::{Value, json};

use super::payloads::{of_issue, repository, user};
use super::{ignored, read};

#[test]
fn issue_events_have_all_fields() {
    let close = of_issue("closed", |issue| {
        issue["state"] = json!("closed");
        issue["state_reason"] = json!("completed");
        issue["closed_at"] = json!("2026-01-01T09:30:00Z");
        issue["user"] = Value::Null;
        issue["assignees"] = json!([null, user("ada", "User")]);
        issue["milestone"] = json!({"number": 1, "title": "v1"});
    });
    let GithubEvent::Issue {
        repo,
        issue,
        action,
        gone,
        by_bot,
    } = read("issues", &close)
    else {
        panic!("{close}")
    };
    assert_eq!((action.as_str(), gone, by_bot), ("closed", None, false));
    assert_eq!(repo.facts.unwrap().name.as_str(), "Acme/Api");
    assert_eq!(
        (issue.number.get(), issue.state, issue.author),
        (3, IssueState::Closed, None)
    );
    assert_eq!(
        (issue.labels, issue.assignees),
        (vec!["bug".to_owned()], vec!["ada".to_owned()])
    );
    assert_eq!(issue.milestone.unwrap().title, "v1");
    for action in [
        "opened",
        "edited",
        "labeled",
        "unlabeled",
        "assigned",
        "unassigned",
        "milestoned",
        "demilestoned",
        "reopened",
    ] {
        let meaning = read("issues", &of_issue(action, |_| {}));
        assert!(
            matches!(meaning, GithubEvent::Issue { gone: None, .. }),
            "{action}"
        );
    }
}

#[test]
fn a_change_by_a_bot_is_told() {
    for (kind, is_bot) in [("Bot", true), ("User", false)] {
        let mut labelled = of_issue("labeled", |_| {});
        labelled["sender"] = user("helper", kind);
        let GithubEvent::Issue { by_bot, .. } = read("issues", &labelled) else {
            panic!("{labelled}")
        };
        assert_eq!(by_bot, is_bot);
    }
}

#[test]
fn deleted_and_transferred_issues_are_gone() {
    for (action, reason) in [
        ("deleted", WithheldReason::Gone),
        ("transferred", WithheldReason::Moved),
    ] {
        let GithubEvent::Issue { gone, .. } = read("issues", &of_issue(action, |_| {})) else {
            panic!("{action}")
        };
        assert_eq!(gone, Some(reason));
    }
    for action in ["pinned", "unpinned", "locked", "unlocked", "typed", "x"] {
        let why = ignored("issues", &of_issue(action, |_| {}));
        assert_eq!(why.to_string(), "event issues is not actionable");
    }
}

#[test]
fn an_issue_that_cannot_be_read_is_ignored_without_quoting_it() {
    let thin = json!({"action": "closed", "issue": {"number": 3}, "repository": repository()});
    let why = ignored("issues", &thin).to_string();
    assert_eq!(
        why,
        "not the shape of event issues: its issue cannot be read: missing field `title`"
    );
    for (field, wrong) in [
        ("state", json!("SECRET")),
        ("title", json!({"SECRET": 1})),
        ("created_at", json!("SECRET")),
        ("labels", json!("SECRET")),
        ("number", json!(0)),
    ] {
        let payload = of_issue("closed", |issue| issue[field] = wrong);
        let why = ignored("issues", &payload).to_string();
        assert!(
            why.starts_with("not the shape of event issues: its issue"),
            "{why}"
        );
        assert!(!why.contains("SECRET"), "{why}");
    }
}

fn of_repo(action: &str) -> Value {
    json!({"action": action, "repository": repository(), "sender": user("ada", "User")})
}

#[test]
fn repository_events_rename_archive_and_delete() {
    for action in [
        "renamed",
        "transferred",
        "archived",
        "unarchived",
        "privatized",
        "publicized",
        "deleted",
    ] {
        let mut payload = of_repo(action);
        payload["changes"] = json!({"repository": {"name": {"from": "old"}}});
        payload["organization"] = json!({"login": "Acme"});
        payload["installation"] = json!({"id": 1});
        let GithubEvent::Repo { repo, deleted, .. } = read("repository", &payload) else {
            panic!("{action}")
        };
        assert_eq!(
            (repo.name.as_str(), deleted),
            ("Acme/Api", action == "deleted")
        );
        assert!(repo.facts.is_some());
    }
    for action in ["created", "edited", "x"] {
        let why = ignored("repository", &of_repo(action));
        assert_eq!(why, Ignored::NotActionable("repository".to_owned()));
    }
}

#[test]
fn an_archived_repository_says_so() {
    let mut payload = of_repo("archived");
    payload["repository"]["archived"] = json!(true);
    let GithubEvent::Repo { repo, .. } = read("repository", &payload) else {
        panic!("{payload}")
    };
    assert!(repo.facts.unwrap().archived);
}

#[test]
fn installation_events_change_the_visible_repositories() {
    let installation = json!({"id": 1, "account": user("Acme", "Organization")});
    for (event, payload) in [
        (
            "installation",
            json!({"action": "deleted", "installation": installation, "repositories": []}),
        ),
        (
            "installation_repositories",
            json!({
                "action": "added", "installation": installation, "repositories_removed": [],
                "repositories_added": [{"id": 1, "name": "api", "full_name": "acme/api"}],
            }),
        ),
        (
            "installation_target",
            json!({
                "action": "renamed", "installation": {"id": 1}, "account": user("Acme", "User"),
            }),
        ),
    ] {
        let action = payload["action"].as_str().unwrap().to_owned();
        assert_eq!(read(event, &payload), GithubEvent::Access { action });
    }
}

#[test]
fn a_ping_is_answered() {
    let ping = json!({"zen": "Design for failure.", "hook_id": 1, "hook": {"type": "Repository"}});
    assert_eq!(read("ping", &ping), GithubEvent::Ping);
    assert_eq!(
        read(
            "ping",
            &json!({"zen": "Anything added dilutes everything else."})
        ),
        GithubEvent::Ping
    );
}

#[test]
fn a_milestone_of_a_pull_request_is_ignored() {
    let payload = of_issue("milestoned", |issue| {
        issue["pull_request"] = json!({"html_url": "https://github.com/Acme/Api/pull/3"});
    });
    let why = ignored("issues", &payload);
    assert_eq!(why, Ignored::NotActionable("issues".to_owned()));
}

/// The other repository of a transfer, as in its payload.
fn elsewhere() -> Value {
    let mut there = repository();
    (there["id"], there["name"]) = (json!(7), json!("Web"));
    there["full_name"] = json!("Acme/Web");
    there
}

#[test]
fn both_ends_of_a_transfer_name_the_other() {
    let mut left = of_issue("transferred", |_| {});
    let mut there = left["issue"].clone();
    there["number"] = json!(41);
    left["changes"] = json!({"new_issue": there, "new_repository": elsewhere()});
    let mut came = of_issue("opened", |_| {});
    let mut old = came["issue"].clone();
    old["number"] = json!(40);
    came["changes"] = json!({"old_issue": old, "old_repository": elsewhere()});
    for (payload, ends, told) in [
        (left, ("Acme/Api", "Acme/Web"), false),
        (came, ("Acme/Web", "Acme/Api"), true),
    ] {
        let own = payload["issue"]["number"].as_i64().unwrap();
        let GithubEvent::Transferred {
            from,
            number,
            to,
            issue,
            arrived,
        } = read("issues", &payload)
        else {
            panic!("{payload}")
        };
        assert_eq!((from.name.as_str(), to.name.as_str()), ends);
        let numbers = (number.get(), issue.number.get());
        assert_eq!(numbers, if told { (40, own) } else { (own, 41) });
        assert_eq!(arrived, told);
    }
}

#[test]
fn labels_milestones_and_members_of_a_repository() {
    let of = |what: &str, action: &str| {
        let mut payload =
            json!({"action": action, "repository": repository(), "sender": user("ada", "User")});
        payload[what] = json!({"name": "bug", "title": "v1", "number": 1, "login": "bob"});
        payload
    };
    for what in ["label", "milestone"] {
        for action in ["edited", "deleted"] {
            let meaning = read(what, &of(what, action));
            assert!(
                matches!(meaning, GithubEvent::Relabelled { .. }),
                "{meaning:?}"
            );
        }
        // No issue has a new one.
        ignored(what, &of(what, "created"));
        // A label added to an issue is another event.
        let mut labeled = of_issue("labeled", |_| {});
        labeled[what] = json!({"name": "bug"});
        ignored(what, &labeled);
        ignored(what, &of("member", "edited"));
    }
    let GithubEvent::Member { login, action, .. } = read("member", &of("member", "removed")) else {
        panic!("a member was expected")
    };
    assert_eq!((login.as_str(), action.as_str()), ("bob", "removed"));
    ignored("member", &of("label", "removed"));
}
