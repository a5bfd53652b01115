//! Feedback on a pull request, and its withdrawal.

use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, Side, SourceId, SourceKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{
    GithubEvent, Ignored, MARKER, PullRequestRef, RepoRef, Voice,
};
use serde_json::{Value, json};

use super::payloads::{comment_on_a_line, comment_on_a_pull, of_issue, review, thread, user};
use super::{ignored, read};

/// The three kinds of feedback.
fn said() -> [(&'static str, &'static str, Value); 3] {
    [
        (
            "pull_request_review",
            "review",
            review("submitted", "changes_requested"),
        ),
        (
            "pull_request_review_comment",
            "comment",
            comment_on_a_line("created"),
        ),
        ("issue_comment", "comment", comment_on_a_pull("created")),
    ]
}

fn feedback(event: &str, payload: &Value) -> (RepoRef, PullRequestRef, FeedbackEvent, bool) {
    match read(event, payload) {
        GithubEvent::Feedback {
            repo,
            pull,
            source,
            voice,
        } => (repo, pull, source, voice.bot),
        other => panic!("{other:?}"),
    }
}

fn at(time: &str) -> Option<Timestamp> {
    let moment = Timestamp::parse(time);
    assert!(moment.is_some(), "{time}");
    moment
}

#[test]
fn a_review_that_asks_for_changes() {
    let payload = review("submitted", "changes_requested");
    let (repo, pull, source, bot) = feedback("pull_request_review", &payload);
    let facts = repo.facts.unwrap();
    assert_eq!(
        (repo.name.as_str(), facts.github_id, facts.archived),
        ("Acme/Api", 186_853_002, false)
    );
    let seen = pull.facts.unwrap();
    assert_eq!((pull.number.get(), pull.open), (5, Some(true)));
    assert_eq!((seen.merged, seen.closes.len()), (false, 2));
    assert!(!bot);
    assert_eq!(
        source,
        FeedbackEvent {
            requested_by: Some("rita".to_owned()),
            author_association: Some("OWNER".to_owned()),
            body: "Not yet.".to_owned(),
            url: Some("https://github.com/Acme/Api/pull/5#pullrequestreview-237895671".to_owned()),
            created_at: at("2026-01-01T10:30:00Z"),
            ..FeedbackEvent::new(
                SourceId::review(237_895_671),
                SourceKind::ReviewChangesRequested
            )
        }
    );
    let why = ignored("pull_request_review", &review("submitted", "pending"));
    assert_eq!(
        why.to_string(),
        "event pull_request_review is not actionable"
    );
}

#[test]
fn only_a_review_with_a_body_is_feedback() {
    let mut payload = review("submitted", "commented");
    let (_, _, source, _) = feedback("pull_request_review", &payload);
    assert_eq!(
        (source.id, source.kind),
        (SourceId::review(237_895_671), SourceKind::PrComment)
    );
    for body in [Value::Null, json!(""), json!(" \n")] {
        payload["review"]["body"] = body;
        ignored("pull_request_review", &payload);
    }
}

#[test]
fn an_approval_resolves_its_reviewers_change_requests() {
    for action in ["submitted", "edited"] {
        let told = read("pull_request_review", &review(action, "approved"));
        let GithubEvent::Withdrawn {
            sources,
            ending,
            reviewer,
            at: told,
            ..
        } = told
        else {
            panic!("{told:?}")
        };
        assert_eq!((sources, ending), (Vec::new(), Resolution::Approved));
        assert_eq!(reviewer.as_deref(), Some("rita"));
        assert_eq!(told, at("2026-01-01T10:30:00Z"));
    }
    let mut ghost = review("submitted", "approved");
    ghost["review"]["user"] = Value::Null;
    ignored("pull_request_review", &ghost);
}

#[test]
fn a_review_comment_has_its_path_and_line() {
    let mut payload = comment_on_a_line("created");
    let more = json!({
        "line": null, "start_line": null, "original_line": 9, "side": "LEFT",
        "diff_hunk": "@@ -1 +1 @@\n-a\n+b", "in_reply_to_id": 5, "minimized": null,
    });
    let comment = payload["comment"].as_object_mut().unwrap();
    comment.extend(more.as_object().unwrap().clone());
    let (_, _, source, _) = feedback("pull_request_review_comment", &payload);
    assert_eq!((source.line, source.original_line), (None, Some(9)));
    assert_eq!(
        (source.side, source.in_reply_to),
        (Some(Side::Left), Some(5))
    );
    assert_eq!(source.hunk.as_deref(), Some("@@ -1 +1 @@\n-a\n+b"));
    assert_eq!((source.review, source.hidden), (Some(237_895_671), false));
    payload["comment"]["minimized"] = json!({"reason": "outdated"});
    assert!(feedback("pull_request_review_comment", &payload).2.hidden);
}

#[test]
fn a_marker_counts_where_its_author_wrote_it() {
    for (event, field, mut payload) in said() {
        for (body, marked) in [
            ("Done. <!-- issuecommand -->", true),
            ("> <!-- issuecommand -->\n\nNo", false),
        ] {
            payload[field]["body"] = json!(body);
            match read(event, &payload) {
                GithubEvent::Feedback { voice, .. } => assert_eq!(voice.marked, marked, "{body}"),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_comment_on_a_line_and_one_under_the_pull_request() {
    let payload = comment_on_a_line("created");
    let (_, pull, source, _) = feedback("pull_request_review_comment", &payload);
    assert!(pull.facts.is_some());
    assert_eq!(
        (source.id, source.path.as_deref(), source.line),
        (
            SourceId::review_comment(284_312_630),
            Some("README.md"),
            Some(12)
        )
    );
    let payload = comment_on_a_pull("created");
    let (_, pull, source, _) = feedback("issue_comment", &payload);
    assert_eq!(
        (source.id, source.kind, source.created_at),
        (
            SourceId::issue_comment(492_700_400),
            SourceKind::PrComment,
            at("2026-01-01T10:32:00Z")
        )
    );
    assert_eq!(
        (pull.title.as_deref(), pull.url.as_deref(), pull.open),
        (
            Some("Mend login"),
            Some("https://github.com/Acme/Api/pull/5"),
            Some(true)
        )
    );
    assert_eq!(pull.facts, None, "an issue's shape does not say enough");
}

#[test]
fn a_comment_under_an_issue_is_no_feedback() {
    let mut payload = comment_on_a_pull("created");
    payload["issue"]
        .as_object_mut()
        .unwrap()
        .remove("pull_request");
    let expected = |action: &str, marked| GithubEvent::IssueComment {
        repo: match read("issue_comment", &payload) {
            GithubEvent::IssueComment { repo, .. } => repo,
            other => panic!("{other:?}"),
        },
        number: IssueNumber::new(5).unwrap(),
        author: Some("rita".to_owned()),
        voice: Voice {
            marked,
            ..Voice::default()
        },
        at: Timestamp::parse("2026-01-01T10:32:00Z"),
        action: action.to_owned(),
    };
    assert_eq!(read("issue_comment", &payload), expected("created", false));
    let mut null = payload.clone();
    null["issue"]["pull_request"] = Value::Null;
    null["action"] = json!("deleted");
    null["comment"]["body"] = json!(MARKER);
    assert_eq!(read("issue_comment", &null), expected("deleted", true));
    for (field, wrong) in [("action", json!("pinned")), ("comment", json!(5))] {
        let mut payload = payload.clone();
        payload[field] = wrong;
        let why = ignored("issue_comment", &payload);
        assert_eq!(why, Ignored::NotActionable("issue_comment".to_owned()));
    }
}

#[test]
fn edits_have_a_time_and_deletions_withdraw() {
    for (event, field, mut payload) in said() {
        payload["action"] = json!("edited");
        payload[field]["body"] = json!("Other words");
        payload[field]["updated_at"] = json!("2026-01-01T12:00:00Z");
        let GithubEvent::Feedback { source, voice, .. } = read(event, &payload) else {
            panic!("{event}")
        };
        let since = source.updated_at.max(voice.as_of);
        assert_eq!(
            (source.body.as_str(), since),
            ("Other words", at("2026-01-01T12:00:00Z"))
        );
        payload["action"] = json!("deleted");
        if field == "review" {
            ignored(event, &payload);
            continue;
        }
        match read(event, &payload) {
            GithubEvent::Withdrawn {
                sources,
                ending: Resolution::Deleted,
                ..
            } => assert_eq!(sources, [source.id]),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn unknown_actions_are_ignored() {
    for (event, _, mut payload) in said() {
        for action in ["unheard_of", ""] {
            payload["action"] = json!(action);
            let why = ignored(event, &payload);
            assert_eq!(why.to_string(), format!("event {event} is not actionable"));
        }
        payload["action"] = Value::Null;
        ignored(event, &payload);
    }
}

#[test]
fn ghosts_and_bots() {
    for (event, field, payload) in said() {
        let by = |who: Value| {
            let mut payload = payload.clone();
            payload[field]["user"] = who;
            let (_, _, source, bot) = feedback(event, &payload);
            (source.requested_by, bot)
        };
        assert_eq!(by(Value::Null), (None, false));
        assert_eq!(by(json!({})), (None, false));
        let person = by(user("robot", "User"));
        assert_eq!(person, (Some("robot".to_owned()), false));
        let review_bot = by(user("coderabbitai", "Bot"));
        assert_eq!(review_bot, (Some("coderabbitai".to_owned()), true));
        let by_name = by(json!({"login": "dependabot[bot]"}));
        assert_eq!(by_name, (Some("dependabot[bot]".to_owned()), true));
    }
}

#[test]
fn accounts_other_than_the_author_may_be_missing() {
    for (event, _, mut payload) in said() {
        payload["sender"] = Value::Null;
        payload["organization"] = Value::Null;
        for side in ["pull_request", "issue"] {
            if let Some(pull) = payload.get_mut(side) {
                pull["user"] = Value::Null;
            }
        }
        feedback(event, &payload);
    }
}

#[test]
fn a_minimal_feedback_payload_is_decoded() {
    let repository = json!({"full_name": "acme/api"});
    for (event, payload) in [
        (
            "pull_request_review",
            json!({
                "action": "submitted", "repository": repository, "pull_request": {"number": 5},
                "review": {"id": 1, "state": "CHANGES_REQUESTED"},
            }),
        ),
        (
            "pull_request_review_comment",
            json!({
                "action": "created", "repository": repository, "pull_request": {"number": 5},
                "comment": {"id": 1},
            }),
        ),
        (
            "issue_comment",
            json!({
                "action": "created", "repository": repository,
                "issue": {"number": 5, "pull_request": {}}, "comment": {"id": 1, "body": null},
            }),
        ),
    ] {
        let (repo, pull, source, bot) = feedback(event, &payload);
        assert_eq!((repo.name.as_str(), repo.facts), ("acme/api", None));
        let number = pull.number;
        let bare = PullRequestRef {
            number,
            title: None,
            url: None,
            open: None,
            at: None,
            facts: None,
        };
        assert_eq!((number.get(), pull), (5, bare));
        assert_eq!(
            (source.body.as_str(), source.created_at, bot),
            ("", None, false)
        );
    }
}

#[test]
fn a_comment_that_lost_its_line_has_none() {
    let mut payload = comment_on_a_line("created");
    payload["comment"]["line"] = Value::Null;
    let (_, _, source, _) = feedback("pull_request_review_comment", &payload);
    assert_eq!(
        (source.path.as_deref(), source.line),
        (Some("README.md"), None)
    );
}

#[test]
fn a_dismissed_review_and_a_resolved_thread_are_withdrawn() {
    let withdrawn = |event, payload: &Value| match read(event, payload) {
        GithubEvent::Withdrawn {
            pull,
            sources,
            ending,
            ..
        } => (pull.number.get(), sources, ending),
        other => panic!("{other:?}"),
    };
    let payload = review("dismissed", "dismissed");
    let review = SourceId::review(237_895_671);
    assert_eq!(
        withdrawn("pull_request_review", &payload),
        (5, vec![review], Resolution::Dismissed)
    );
    let payload = thread("resolved");
    let comments = vec![
        SourceId::review_comment(284_312_630),
        SourceId::review_comment(284_312_631),
    ];
    assert_eq!(
        withdrawn("pull_request_review_thread", &payload),
        (5, comments, Resolution::Resolved)
    );
    let told = read("pull_request_review_thread", &thread("unresolved"));
    let GithubEvent::Unresolved {
        sources, at: told, ..
    } = told
    else {
        panic!("{told:?}")
    };
    assert_eq!((sources.len(), told), (2, at("2026-01-01T11:00:00Z")));
    let mut empty = thread("resolved");
    empty["thread"]["comments"] = json!([]);
    ignored("pull_request_review_thread", &empty);
}

#[test]
fn the_pull_request_that_a_comment_is_under_may_be_closed() {
    let mut payload = comment_on_a_pull("created");
    payload["issue"]["state"] = json!("closed");
    assert_eq!(feedback("issue_comment", &payload).1.open, Some(false));
    let mut payload = review("submitted", "changes_requested");
    payload["pull_request"]["state"] = json!("closed");
    payload["pull_request"]["merged_at"] = json!("2026-01-01T11:00:00Z");
    let (_, pull, _, _) = feedback("pull_request_review", &payload);
    assert!(pull.facts.unwrap().merged, "such payloads say only when");
    let under_an_issue = of_issue("created", |_| {});
    ignored("issue_comment", &under_an_issue);
}
