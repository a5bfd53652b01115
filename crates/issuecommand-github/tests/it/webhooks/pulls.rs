//! Events of pull requests.

use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{GithubEvent, Ignored, PullChange};
use serde_json::{Value, json};

use super::payloads::of_pull;
use super::{ignored, read};

fn told(payload: &Value) -> (PullRequestSnapshot, PullChange, String) {
    match read("pull_request", payload) {
        GithubEvent::Pull {
            pull,
            change,
            action,
            ..
        } => (pull, change, action),
        other => panic!("{other:?}"),
    }
}

fn at(time: &str) -> Option<Timestamp> {
    let moment = Timestamp::parse(time);
    assert!(moment.is_some(), "{time}");
    moment
}

fn closes(pull: &PullRequestSnapshot) -> Vec<String> {
    let name = |(repo, number): &(RepoName, _)| format!("{repo}#{number}");
    pull.closes.iter().map(name).collect()
}

#[test]
fn opened_and_edited_are_facts() {
    for action in ["opened", "edited", "ready_for_review"] {
        let (pull, change, told_action) = told(&of_pull(action, |_| {}));
        assert_eq!((change, told_action.as_str()), (PullChange::Facts, action));
        assert_eq!(
            (pull.number.get(), pull.title.as_str(), pull.url.as_str()),
            (5, "Mend login", "https://github.com/Acme/Api/pull/5")
        );
        assert_eq!((pull.open, pull.merged, pull.trusted), (true, false, true));
        assert_eq!(
            pull.head.as_deref(),
            Some("ec26c3e57ca3a959ca5aad62de7213c562f8c821")
        );
        assert_eq!(pull.updated_at, at("2026-01-01T11:00:00Z"));
        assert_eq!(closes(&pull), ["Acme/Api#3", "other/repo#4"]);
    }
}

#[test]
fn a_merge_a_close_a_reopening_and_a_push() {
    let close = |pull: &mut Value| {
        pull["state"] = json!("closed");
        pull["closed_at"] = json!("2026-01-01T10:59:00Z");
    };
    let (pull, change, _) = told(&of_pull("closed", |pull| {
        close(pull);
        pull["merged"] = json!(true);
        pull["merged_at"] = json!("2026-01-01T10:59:00Z");
        pull["merged_by"] = Value::Null;
    }));
    assert_eq!(
        (pull.merged, pull.open, change),
        (true, false, PullChange::Facts)
    );
    let (pull, change, _) = told(&of_pull("closed", close));
    let closed_at = at("2026-01-01T10:59:00Z");
    assert_eq!(
        (pull.merged, pull.open, change),
        (false, false, PullChange::ClosedOrReopened(closed_at))
    );
    let updated_at = at("2026-01-01T11:00:00Z");
    let (pull, change, _) = told(&of_pull("reopened", |_| {}));
    assert_eq!(
        (pull.open, change),
        (true, PullChange::ClosedOrReopened(updated_at))
    );
    let (_, change, _) = told(&of_pull("synchronize", |_| {}));
    assert_eq!(change, PullChange::Pushed(updated_at));
}

#[test]
fn other_actions_are_not_handled() {
    for action in ["labeled", "converted_to_draft", "x"] {
        assert_eq!(
            ignored("pull_request", &of_pull(action, |_| {})).to_string(),
            format!("pull_request action {action} is not handled")
        );
    }
    let mut none = of_pull("opened", |_| {});
    none["action"] = Value::Null;
    assert!(matches!(ignored("pull_request", &none), Ignored::Other(_)));
}

#[test]
fn only_the_default_branch_closes_issues() {
    let onto = |branch: &str| of_pull("opened", |pull| pull["base"]["ref"] = json!(branch));
    assert_eq!(closes(&told(&onto("main")).0).len(), 2);
    assert_eq!(closes(&told(&onto("next")).0).len(), 0);
    let without_home = |branch: &str| {
        let mut payload = onto(branch);
        payload["pull_request"]["base"]["repo"] = Value::Null;
        payload
    };
    assert_eq!(closes(&told(&without_home("main")).0).len(), 2);
    assert_eq!(closes(&told(&without_home("next")).0).len(), 0);
    let mut unknown = without_home("next");
    unknown["repository"]["default_branch"] = Value::Null;
    assert_eq!(closes(&told(&unknown).0).len(), 2);
    let titled = of_pull("opened", |pull| {
        pull["title"] = json!("Closes #9");
        pull["body"] = Value::Null;
    });
    let (pull, _, _) = told(&titled);
    assert_eq!(closes(&pull).len(), 0, "GitHub reads the description alone");
}

#[test]
fn an_author_with_write_access_is_trusted() {
    for (association, trusted) in [
        (json!("OWNER"), true),
        (json!("MEMBER"), true),
        (json!("COLLABORATOR"), true),
        (json!("CONTRIBUTOR"), false),
        (json!("FIRST_TIME_CONTRIBUTOR"), false),
        (json!("FIRST_TIMER"), false),
        (json!("MANNEQUIN"), false),
        (json!("NONE"), false),
        (Value::Null, false),
    ] {
        let payload = of_pull("opened", |pull| {
            pull["author_association"] = association.clone();
        });
        assert_eq!(told(&payload).0.trusted, trusted, "{association}");
    }
}

#[test]
fn a_branch_in_the_base_repository_is_trusted() {
    let from = |repo: Value| {
        let payload = of_pull("opened", |pull| {
            pull["author_association"] = json!("NONE");
            pull["user"] = json!({"login": "agent[bot]", "type": "Bot"});
            pull["head"]["repo"] = repo.clone();
        });
        told(&payload).0.trusted
    };
    let own = json!({"id": 186_853_002, "full_name": "Acme/Api"});
    assert!(from(own));
    assert!(from(json!({"full_name": "acme/API"})), "by its name");
    assert!(!from(
        json!({"id": 4, "full_name": "mallory/Api", "fork": true})
    ));
    // A fork with the same name, or a deleted one.
    assert!(!from(json!({"id": 4, "full_name": "Acme/Api"})));
    assert!(!from(Value::Null));
}

#[test]
fn a_pull_request_has_its_times_and_author() {
    let (pull, _, _) = told(&of_pull("closed", |pull| {
        pull["state"] = json!("closed");
        pull["closed_at"] = json!("2026-01-01T10:59:00Z");
        pull["merged_at"] = json!("2026-01-01T10:58:59Z");
    }));
    assert_eq!(pull.created_at, at("2026-01-01T10:00:00Z"));
    assert_eq!(pull.closed_at, at("2026-01-01T10:59:00Z"));
    assert_eq!(pull.merged_at, at("2026-01-01T10:58:59Z"));
    assert_eq!((pull.author.as_deref(), pull.has_text), (Some("ada"), true));
    let ghost = of_pull("opened", |pull| pull["user"] = Value::Null);
    assert_eq!(told(&ghost).0.author, None);
    let mut without = of_pull("opened", |_| {});
    without["pull_request"]
        .as_object_mut()
        .unwrap()
        .remove("body");
    assert!(!told(&without).0.has_text);
    let none = of_pull("opened", |pull| pull["body"] = Value::Null);
    assert!(told(&none).0.has_text);
}

#[test]
fn an_edit_reports_added_closing_keywords() {
    let added = |changes: Value, change: fn(&mut Value)| {
        let mut payload = of_pull("edited", change);
        payload["changes"] = changes;
        let (pull, _, _) = told(&payload);
        pull.added
            .iter()
            .map(|(name, n)| format!("{name}#{n}"))
            .collect::<Vec<_>>()
    };
    let body = |from: Value| json!({"body": {"from": from}});
    assert_eq!(added(body(json!("Closes #3")), |_| {}), ["other/repo#4"]);
    assert_eq!(added(body(json!("")), |_| {}).len(), 2);
    assert_eq!(added(body(Value::Null), |_| {}).len(), 2);
    assert_eq!(
        added(json!({"title": {"from": "Closes #3"}}), |_| {}),
        Vec::<String>::new()
    );
    assert_eq!(
        added(json!({"base": {"ref": {"from": "next"}}}), |_| {}).len(),
        2
    );
    let away = |pull: &mut Value| pull["base"]["ref"] = json!("next");
    assert_eq!(
        added(json!({"base": {"ref": {"from": "main"}}}), away),
        Vec::<String>::new()
    );
    // An invalid field must not lose the rest.
    assert_eq!(added(json!({"body": 7}), |_| {}), Vec::<String>::new());
    assert_eq!(added(json!([]), |_| {}), Vec::<String>::new());
}

#[test]
fn the_text_is_read_as_markdown() {
    let with = |body: &str| {
        let payload = of_pull("opened", |pull| pull["body"] = json!(body));
        closes(&told(&payload).0)
    };
    assert_eq!(with("<!-- Closes #1 -->\n\nCloses #3"), ["Acme/Api#3"]);
    assert_eq!(with("> Closes #3\n\n`Closes #4`"), Vec::<String>::new());
    assert_eq!(
        with("Closes https://github.com/acme/api/issues/3"),
        ["acme/api#3"]
    );
    assert_eq!(
        with("Closes https://ghe.example/acme/api/issues/3"),
        Vec::<String>::new()
    );
    let on_enterprise = of_pull("opened", |pull| {
        pull["html_url"] = json!("https://ghe.example/Acme/Api/pull/5");
        pull["body"] = json!(
            "Closes https://ghe.example/acme/api/issues/3, fixes https://github.com/acme/api/issues/4"
        );
    });
    assert_eq!(closes(&told(&on_enterprise).0), ["acme/api#3"]);
}

#[test]
fn a_minimal_payload_is_decoded() {
    let thin = |action: &str, pull: Value| {
        json!({
            "action": action, "number": 5, "pull_request": pull,
            "repository": {"full_name": "acme/api"},
        })
    };
    let (pull, change, _) = told(&thin("synchronize", Value::Null));
    assert_eq!(
        (pull.number.get(), pull.url.as_str(), pull.open),
        (5, "https://github.com/acme/api/pull/5", true)
    );
    assert_eq!((pull.updated_at, change), (None, PullChange::Pushed(None)));
    let (pull, change, _) = told(&thin("closed", json!({"number": 5})));
    assert_eq!(
        (pull.open, pull.merged, change),
        (false, false, PullChange::ClosedOrReopened(None))
    );
    let (pull, change, _) = told(&thin("closed", json!({"number": 5, "merged": true})));
    assert_eq!(
        (pull.open, pull.merged, change),
        (false, true, PullChange::Facts)
    );
    let (pull, change, _) = told(&thin("reopened", json!({"number": 5})));
    assert_eq!(
        (pull.open, change),
        (true, PullChange::ClosedOrReopened(None))
    );
}
