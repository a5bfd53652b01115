//! What becomes of pull requests.

use issuecommand_core::pull::PullFacts;
use issuecommand_core::repo::RepoName;
use issuecommand_core::time::Timestamp;
use issuecommand_core::webhook::{Ignored, Meaning, PullChange};
use serde_json::{Value, json};

use super::payloads::of_pull;
use super::{ignored, read};

fn told(payload: &Value) -> (PullFacts, PullChange, String) {
    match read("pull_request", payload) {
        Meaning::Pull {
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

fn closes(pull: &PullFacts) -> Vec<String> {
    let name = |(repo, number): &(RepoName, _)| format!("{repo}#{number}");
    pull.closes.iter().map(name).collect()
}

#[test]
fn opened_and_edited_are_facts() {
    for action in ["opened", "edited"] {
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
        (false, false, PullChange::Cut(closed_at))
    );
    let updated_at = at("2026-01-01T11:00:00Z");
    let (pull, change, _) = told(&of_pull("reopened", |_| {}));
    assert_eq!((pull.open, change), (true, PullChange::Cut(updated_at)));
    let (_, change, _) = told(&of_pull("synchronize", |_| {}));
    assert_eq!(change, PullChange::Pushed(updated_at));
}

#[test]
fn other_actions_are_not_handled() {
    for action in ["labeled", "ready_for_review", "converted_to_draft", "x"] {
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
fn who_may_write_is_trusted() {
    for (association, trusted) in [
        (json!("OWNER"), true),
        (json!("MEMBER"), true),
        (json!("COLLABORATOR"), true),
        (json!("CONTRIBUTOR"), false),
        (json!("FIRST_TIME_CONTRIBUTOR"), false),
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
fn a_thin_payload_says_what_it_can() {
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
        (false, false, PullChange::Cut(None))
    );
    let (pull, change, _) = told(&thin("closed", json!({"number": 5, "merged": true})));
    assert_eq!(
        (pull.open, pull.merged, change),
        (false, true, PullChange::Facts)
    );
    let (pull, change, _) = told(&thin("reopened", json!({"number": 5})));
    assert_eq!((pull.open, change), (true, PullChange::Cut(None)));
}
