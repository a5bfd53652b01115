//! Invalid deliveries, and deliveries under a wrong event header.

use issuecommand_core::domain::webhook::{GithubEvent, Ignored};
use issuecommand_core::ports::deliveries::BadDelivery;
use serde_json::{Value, json};

use super::payloads::{
    comment_on_a_line, comment_on_a_pull, of_issue, of_pull, repository, review, thread,
};
use super::{decode, ignored};

#[test]
fn invalid_json_is_refused_with_the_parser_error() {
    for (body, words) in [
        (&b""[..], "EOF while parsing a value at line 1 column 0"),
        (b"payload=%7B%7D", "expected value at line 1 column 1"),
        (b"{\"a\": SECRET}", "expected value at line 1 column 7"),
        (b"{} SECRET", "trailing characters at line 1 column 4"),
        (
            b"{\"a\": \"\xff\xfe\"}",
            "invalid unicode code point at line 1 column 8",
        ),
        (b"\xef\xbb\xbf{}", "expected value at line 1 column 1"),
    ] {
        let refused = decode("issues", body).unwrap_err();
        assert_eq!(refused, BadDelivery::NotJson(words.to_owned()));
        assert_eq!(refused.to_string(), words);
    }
}

#[test]
fn a_body_that_is_not_an_object_is_refused() {
    for body in ["null", "[]", "[{}]", "\"{}\"", "7", "true"] {
        let refused = decode("ping", body.as_bytes()).unwrap_err();
        assert_eq!(refused.to_string(), "payload_must_be_an_object");
    }
}

#[test]
fn a_deeply_nested_body_is_refused() {
    let depth = 200_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let inside = format!("{{\"action\": \"created\", \"x\": {nested}}}");
        let unclosed = format!("{{\"x\": {}", open.repeat(depth));
        for body in [nested, inside, unclosed] {
            let refused = decode("issue_comment", body.as_bytes()).unwrap_err();
            let BadDelivery::NotJson(words) = refused else {
                panic!("{refused:?}")
            };
            assert!(words.starts_with("recursion limit exceeded"), "{words}");
        }
    }
}

#[test]
fn other_events_are_not_actionable() {
    for event in [
        "push",
        "star",
        "workflow_run",
        "meta",
        "",
        "PULL_REQUEST",
        "issues ",
    ] {
        let why = ignored(event, &of_issue("closed", |_| {}));
        assert_eq!(why.to_string(), format!("event {event} is not actionable"));
    }
}

fn on_pulls() -> [(&'static str, Value); 5] {
    [
        ("pull_request", of_pull("synchronize", |_| {})),
        (
            "pull_request_review",
            review("submitted", "changes_requested"),
        ),
        ("pull_request_review_comment", comment_on_a_line("created")),
        ("pull_request_review_thread", thread("resolved")),
        ("issue_comment", comment_on_a_pull("created")),
    ]
}

#[test]
fn a_missing_repository_or_pull_request_is_said_to_be_missing() {
    for (event, payload) in on_pulls() {
        for missing in [
            Value::Null,
            json!({}),
            json!({"full_name": " "}),
            json!({"id": 1}),
        ] {
            let mut payload = payload.clone();
            payload["repository"] = missing;
            assert_eq!(ignored(event, &payload), Ignored::MissingRepoOrPr);
        }
        let mut numberless = payload.clone();
        let fields = numberless.as_object_mut().unwrap();
        fields.remove("number");
        let side = if event == "issue_comment" {
            "issue"
        } else {
            "pull_request"
        };
        fields[side].as_object_mut().unwrap().remove("number");
        assert_eq!(ignored(event, &numberless), Ignored::MissingRepoOrPr);
        numberless.as_object_mut().unwrap().remove(side);
        assert_eq!(
            ignored(event, &numberless).to_string(),
            "missing_repo_or_pr_number"
        );
        assert_eq!(ignored(event, &json!({})), Ignored::MissingRepoOrPr);
    }
    let mut nowhere = of_issue("closed", |_| {});
    nowhere["repository"] = Value::Null;
    assert_eq!(ignored("issues", &nowhere), Ignored::MissingRepoOrPr);
    let nothing = json!({"action": "deleted"});
    assert_eq!(ignored("repository", &nothing), Ignored::MissingRepoOrPr);
}

#[test]
fn a_name_or_a_number_that_github_never_gave_is_invalid() {
    for (event, payload) in on_pulls() {
        for name in ["acme", "../api", "acme/a b", "acme/api/x", "acme/\u{e4}"] {
            let mut payload = payload.clone();
            payload["repository"]["full_name"] = json!(name);
            let why = ignored(event, &payload);
            assert_eq!(why.to_string(), "invalid_repo_in_webhook_payload", "{name}");
        }
        for repository in [json!("acme/api"), json!(7), json!({"full_name": 7})] {
            let mut payload = payload.clone();
            payload["repository"] = repository;
            assert_eq!(ignored(event, &payload), Ignored::InvalidRepo);
        }
        let side = if event == "issue_comment" {
            "issue"
        } else {
            "pull_request"
        };
        for number in [
            json!(0),
            json!(-5),
            json!(1.5),
            json!("5"),
            json!(4_294_967_301_u64),
            json!(u64::MAX),
            json!([5]),
        ] {
            let mut payload = payload.clone();
            payload[side]["number"] = number;
            let why = ignored(event, &payload);
            assert_eq!(why.to_string(), "invalid_pr_number_in_webhook_payload");
        }
    }
}

#[test]
fn owner_and_name_replace_full_name() {
    let mut payload = of_pull("opened", |_| {});
    payload["repository"] = json!({"name": "api", "owner": {"login": "acme"}});
    let meaning = super::read("pull_request", &payload);
    assert!(format!("{meaning:?}").contains("acme/api"), "{meaning:?}");
    payload["repository"]["owner"]["login"] = json!("..");
    assert_eq!(ignored("pull_request", &payload), Ignored::InvalidRepo);
}

/// Only the body is signed, so an intercepted delivery can be sent again under any header.
#[test]
fn a_body_under_another_events_header_has_no_effect() {
    let mut bodies = on_pulls().to_vec();
    bodies.push(("issues", of_issue("deleted", |_| {})));
    let gone = json!({"action": "deleted", "repository": repository()});
    bodies.push(("repository", gone));
    let events: Vec<&str> = bodies.iter().map(|(event, _)| *event).collect();
    for (own, body) in &bodies {
        for action in [
            "created",
            "deleted",
            "dismissed",
            "resolved",
            "submitted",
            "closed",
            "edited",
            "synchronize",
            "reopened",
            "transferred",
            "archived",
        ] {
            let mut body = body.clone();
            body["action"] = json!(action);
            let others = events.iter().filter(|event| *event != own);
            for event in others.chain(&["ping", "installation", "installation_repositories"]) {
                ignored(event, &body);
            }
        }
    }
}

#[test]
fn a_star_that_was_taken_back_is_no_deleted_repository() {
    let star = json!({"action": "deleted", "starred_at": null, "repository": repository()});
    assert_eq!(
        ignored("repository", &star).to_string(),
        "not the shape of event repository: it has starred_at"
    );
}

#[test]
fn an_unreadable_payload_is_ignored_without_quoting_it() {
    let wrong = json!({"id": "SECRET", "state": "changes_requested"});
    for (event, payload) in on_pulls() {
        for field in ["review", "comment", "thread", "pull_request"] {
            if payload.get(field).is_none() {
                continue;
            }
            for wrong in [json!("SECRET"), json!(["SECRET"]), wrong.clone()] {
                let mut payload = payload.clone();
                if field == "pull_request" {
                    payload[field]["title"] = wrong;
                } else {
                    payload[field] = wrong;
                }
                // Any text is a valid title, and without one the rest is used.
                match decode(event, payload.to_string().as_bytes()).unwrap() {
                    GithubEvent::Ignored(why) => {
                        assert!(field != "pull_request", "{event} {payload}");
                        assert!(!why.to_string().contains("SECRET"), "{why}");
                    }
                    meaning => {
                        assert_eq!(field, "pull_request", "{event}");
                        let quotes = format!("{meaning:?}").contains("SECRET");
                        let text = payload["pull_request"]["title"].is_string();
                        assert!(!quotes || text, "{event}: {meaning:?}");
                    }
                }
            }
        }
    }
}
