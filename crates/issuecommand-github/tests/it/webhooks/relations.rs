//! Deliveries about dependencies and sub-issues.

use issuecommand_core::domain::issue::{RelatedIssue, RelationCount, Said};
use issuecommand_core::domain::webhook::{GithubEvent, Ignored};
use issuecommand_github_emulator::{NewIssue, World};
use serde_json::{Value, json};

use super::payloads::{issue, repository, user};
use super::{ignored, read};

fn line(it: &RelatedIssue) -> String {
    let open = it
        .open
        .map_or("?", |open| if open { "open" } else { "closed" });
    format!("{}#{} {open}", it.place.repo, it.place.number)
}

/// The delivery's repository, both ends (the one that waits, or the parent, first), and what happened.
fn essence(event: &GithubEvent) -> [String; 4] {
    let (repo, one, other, added, action) = match event {
        GithubEvent::Dependency {
            repo,
            blocked,
            blocking,
            added,
            action,
        } => (repo, blocked, blocking, added, action),
        GithubEvent::SubIssue {
            repo,
            parent,
            child,
            added,
            action,
        } => (repo, parent, child, added, action),
        other => panic!("{other:?}"),
    };
    let what = format!("{action} {added}");
    [repo.name.to_string(), line(one), line(other), what]
}

/// Issue 3 of `Acme/Api` waits for issue 2 of `o/x`, as the repository of issue 3 hears it.
fn blocked_by_added() -> Value {
    let mut blocking = issue();
    blocking["number"] = json!(2);
    blocking["html_url"] = json!("https://github.com/o/x/issues/2");
    json!({
        "action": "blocked_by_added", "blocked_issue_id": 2, "blocked_issue": issue(), "blocking_issue_id": 9,
        "blocking_issue": blocking, "blocking_issue_repo": {"full_name": "o/x"}, "repository": repository(),
        "organization": {"login": "Acme"}, "sender": user("ada", "User"),
    })
}

#[test]
fn both_ends_of_an_edge_are_read() {
    let payload = blocked_by_added();
    let expected = [
        "Acme/Api",
        "Acme/Api#3 open",
        "o/x#2 open",
        "blocked_by_added true",
    ];
    assert_eq!(essence(&read("issue_dependencies", &payload)), expected);

    // The other end's repository is known from its issue, too.
    let mut thin = payload.clone();
    thin.as_object_mut().unwrap().remove("blocking_issue_repo");
    assert_eq!(essence(&read("issue_dependencies", &thin)), expected);
    thin["blocking_issue"] =
        json!({"number": 2, "repository_url": "https://api.github.com/repos/o/x"});
    let unsaid = essence(&read("issue_dependencies", &thin));
    assert_eq!(unsaid[2], "o/x#2 ?");
}

#[test]
fn what_is_no_edge_is_not_actionable() {
    let wrongs: [fn(&mut Value); 8] = [
        |it| it["action"] = json!("blocked_by_pinned"),
        |it| it["repository"] = Value::Null,
        |it| it["blocked_issue"] = Value::Null,
        |it| it["blocking_issue"] = json!(5),
        |it| it["blocking_issue"]["number"] = json!(0),
        |it| it["blocking_issue"] = json!({"number": 2, "x": it["blocking_issue_repo"].take()}),
        |it| it["issue"] = issue(),
        |it| it["action"] = json!("sub_issue_added"),
    ];
    for (n, wrong) in wrongs.into_iter().enumerate() {
        let mut payload = blocked_by_added();
        wrong(&mut payload);
        let why = ignored("issue_dependencies", &payload);
        let expected = Ignored::NotActionable("issue_dependencies".to_owned());
        assert_eq!(why, expected, "{n}");
    }
    let why = ignored("sub_issues", &blocked_by_added());
    assert_eq!(why, Ignored::NotActionable("sub_issues".to_owned()));
}

#[test]
fn the_deliveries_of_a_change_say_the_same_edge() {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.add_repo("acme/web");
    world.open_issue("acme/app", "One");
    world.open_issue("acme/web", "Two");
    world.close_issue("acme/web", 1);
    world.record_deliveries();
    world.block("acme/app", 1, ("acme/web", 1));
    world.unblock("acme/app", 1, ("acme/web", 1));
    world.add_sub_issue("acme/web", 1, ("acme/app", 1));
    world.remove_sub_issue("acme/web", 1, ("acme/app", 1));
    let told: Vec<_> = (world.deliveries().iter())
        .map(|it| essence(&read(&it.event, &it.json())))
        .collect();
    let (one, two) = ("acme/app#1 open", "acme/web#1 closed");
    let expected = [
        ["acme/app", one, two, "blocked_by_added true"],
        ["acme/web", one, two, "blocking_added true"],
        ["acme/app", one, two, "blocked_by_removed false"],
        ["acme/web", one, two, "blocking_removed false"],
        ["acme/app", two, one, "parent_issue_added true"],
        ["acme/web", two, one, "sub_issue_added true"],
        ["acme/app", two, one, "parent_issue_removed false"],
        ["acme/web", two, one, "sub_issue_removed false"],
    ];
    assert_eq!(told, expected);
}

#[test]
fn deliveries_about_issues_carry_their_facts_but_no_parent() {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", NewIssue::titled("One").kind("Bug"));
    world.open_issue("acme/app", "Two");
    world.block("acme/app", 1, ("acme/app", 2));
    world.add_sub_issue("acme/app", 2, ("acme/app", 1));
    world.record_deliveries();
    world.label("acme/app", 1, "p0");
    let delivery = world.deliveries().remove(0);
    let GithubEvent::Issue { issue, .. } = read(&delivery.event, &delivery.json()) else {
        panic!("{delivery:?}")
    };
    assert_eq!(issue.more.kind, Said::Is("Bug".to_owned()));
    assert_eq!(issue.more.parent, Said::Unsaid);
    let expected = Some(RelationCount { open: 1, total: 1 });
    assert_eq!(issue.more.blockers, expected);
}
