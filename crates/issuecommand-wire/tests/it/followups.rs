//! Follow-ups and deliveries, field by field.

use issuecommand_core::domain::event::{Details, Event, EventKind, EventOrigin as Doing};
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupEntry, FollowupStatus, PullRequestOwner, Resolution, Side,
    SourceId, SourceKind,
};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::webhook::{AuthMethod, Ignored, WebhookAnswer};
use issuecommand_wire::record::{EventRecord, FollowupRecord, WebhookOutcome, WebhookReply};
use serde_json::{Value, json};

use crate::samples::{
    agent, at, bare_followup, bare_source, claim_id, number, repo_name, wire, work_item_id,
};

pub(crate) fn bare_followup_json() -> Value {
    json!({
        "work_item_id": "00000000-0000-4000-8000-000000000009",
        "repo": "Acme/Api",
        "pr_number": 8,
        "pr_url": "https://github.com/Acme/Api/pull/8",
        "pr_title": "Repair",
        "source_event_type": "pr_comment",
        "source_event_id": "issue_comment:5",
        "summary": "Why so?",
        "actionable_comments": ["Why so?\nIt was fine."],
        "status": "queued",
        "created_at": "2026-01-02T03:04:05.006Z",
        "last_updated": "2026-01-02T03:04:05.006Z",
        "status_history": [{ "status": "queued", "timestamp": "2026-01-02T03:04:05.006Z" }],
        "sources": [{
            "source_event_type": "pr_comment",
            "source_event_id": "issue_comment:5",
            "body": "Why so?\nIt was fine.",
        }],
    })
}

#[expect(clippy::too_many_lines, reason = "one record with every field")]
#[test]
fn a_followup_has_only_the_fields_that_are_set() {
    assert_eq!(
        wire(FollowupRecord::from(&bare_followup())),
        bare_followup_json()
    );

    let later = at("2026-01-02T04:00:00Z");
    let review = FeedbackEvent {
        requested_by: Some("rita".to_owned()),
        author_association: Some("MEMBER".to_owned()),
        delivery: Some("d-2".to_owned()),
        url: Some("https://github.com/Acme/Api/pull/8#r1".to_owned()),
        path: Some("src/lib.rs".to_owned()),
        line: Some(12),
        start_line: Some(10),
        side: Some(Side::Left),
        original_line: Some(11),
        hunk: Some("@@ -1 +1 @@".to_owned()),
        in_reply_to: Some(4),
        review: Some(3),
        created_at: Some(at("2026-01-01T00:00:00Z")),
        updated_at: Some(at("2026-01-01T01:00:00Z")),
        ended: Some(Resolution::Resolved),
        ..bare_source(
            SourceId::review_comment(6),
            SourceKind::ReviewComment,
            "Here",
        )
    };
    let mut first = bare_followup().sources.remove(0);
    first.requested_by = Some("bob".to_owned());
    first.delivery = Some("d-1".to_owned());
    let item = Followup {
        sources: vec![first, review],
        status: FollowupStatus::Dismissed,
        last_updated: later,
        owner: Some(agent("ada")),
        claimed_at: Some(later),
        done_at: Some(later),
        dismiss_reason: Some("not now".to_owned()),
        history: vec![FollowupEntry {
            status: FollowupStatus::Dismissed,
            timestamp: later,
            note: Some("not now".to_owned()),
        }],
        earlier: 0,
        author: Some(PullRequestOwner {
            claim: claim_id(),
            number: number(7),
            preferred: Some(agent("eve")),
        }),
        ..bare_followup()
    };
    let told = wire(FollowupRecord::from(&item));
    let expected = json!({
        "work_item_id": "00000000-0000-4000-8000-000000000009",
        "repo": "Acme/Api",
        "pr_number": 8,
        "pr_url": "https://github.com/Acme/Api/pull/8",
        "pr_title": "Repair",
        "source_event_type": "pr_comment",
        "source_event_id": "issue_comment:5",
        "source_delivery_id": "d-1",
        "requested_by": "bob",
        "summary": "Why so?",
        "actionable_comments": ["Why so?\nIt was fine."],
        "status": "dismissed",
        "created_at": "2026-01-02T03:04:05.006Z",
        "last_updated": "2026-01-02T04:00:00.000Z",
        "claimed_by_agent_id": "ada",
        "claimed_at": "2026-01-02T04:00:00.000Z",
        "done_at": "2026-01-02T04:00:00.000Z",
        "dismiss_reason": "not now",
        "status_history": [{ "status": "dismissed", "timestamp": "2026-01-02T04:00:00.000Z", "note": "not now" }],
        "sources": [
            {
                "source_event_type": "pr_comment",
                "source_event_id": "issue_comment:5",
                "requested_by": "bob",
                "body": "Why so?\nIt was fine.",
            },
            {
                "source_event_type": "review_comment",
                "source_event_id": "review_comment:6",
                "requested_by": "rita",
                "author_association": "MEMBER",
                "body": "Here",
                "url": "https://github.com/Acme/Api/pull/8#r1",
                "path": "src/lib.rs",
                "line": 12,
                "start_line": 10,
                "side": "LEFT",
                "original_line": 11,
                "diff_hunk": "@@ -1 +1 @@",
                "in_reply_to": "review_comment:4",
                "review_id": "review:3",
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-01T01:00:00Z",
                "ended": "resolved",
            },
        ],
        "claim_id": "00000000-0000-4000-8000-000000000007",
        "issue_number": 7,
        "preferred_agent_id": "eve",
    });
    assert_eq!(told, expected);
}

#[test]
fn a_summary_is_the_first_line_or_a_count() {
    let summary = |sources: &[(SourceKind, &str)]| {
        let sources = sources
            .iter()
            .map(|(kind, body)| bare_source(SourceId::review(1), *kind, body))
            .collect();
        let item = Followup {
            sources,
            ..bare_followup()
        };
        let record = FollowupRecord::from(&item);
        (record.summary, record.actionable_comments.unwrap().len())
    };
    let (review, line, comment) = (
        SourceKind::ReviewChangesRequested,
        SourceKind::ReviewComment,
        SourceKind::PrComment,
    );
    assert_eq!(
        summary(&[(review, " \r\n\n  Too slow. \nAnd more")]),
        ("Too slow.".to_owned(), 1)
    );
    assert_eq!(
        summary(&[(review, " \n")]),
        ("1 changes-requested review".to_owned(), 0)
    );
    let many = [(comment, "a"), (line, "b"), (line, ""), (review, "c")];
    let told = "1 changes-requested review, 2 review comments, 1 pull request comment";
    assert_eq!(summary(&many), (told.to_owned(), 3));
    let (long, _) = summary(&[(comment, &"ä".repeat(500))]);
    assert_eq!(long, "ä".repeat(140) + "…");
    let (whole, _) = summary(&[(comment, &"ä".repeat(140))]);
    assert_eq!(whole, "ä".repeat(140));
}

#[test]
fn withdrawn_feedback_is_not_in_the_contracts_fields() {
    let review = bare_source(
        SourceId::review(1),
        SourceKind::ReviewChangesRequested,
        "No!",
    );
    let ended = |ending| FeedbackEvent {
        ended: Some(ending),
        requested_by: Some("mallory".to_owned()),
        ..review.clone()
    };
    for ending in Resolution::ALL {
        let mut item = bare_followup();
        item.sources.insert(0, ended(ending));
        let told = wire(FollowupRecord::from(&item));
        assert_eq!(told["summary"], "Why so?", "{ending:?}");
        assert_eq!(
            told["actionable_comments"],
            json!(["Why so?\nIt was fine."])
        );
        assert_eq!(told["source_event_type"], "pr_comment");
        assert_eq!(told["source_event_id"], "issue_comment:5");
        assert_eq!(told["requested_by"], Value::Null);
        assert_eq!(told["sources"][0]["ended"], ending.as_str());
        let gone = matches!(ending, Resolution::Deleted | Resolution::Minimized);
        assert_eq!(told["sources"][0]["body"], if gone { "" } else { "No!" });
    }
    // An ended follow-up shows the event that its agent answered.
    let answered = Followup {
        sources: vec![ended(Resolution::Answered), ended(Resolution::Deleted)],
        status: FollowupStatus::Done,
        ..bare_followup()
    };
    let told = wire(FollowupRecord::from(&answered));
    assert_eq!(
        (&told["summary"], &told["actionable_comments"]),
        (&json!("No!"), &json!(["No!"]))
    );
}

#[test]
fn a_followup_response_is_bounded() {
    let said = |n: i64, kind, body: String| FeedbackEvent {
        created_at: Some(at("2026-01-01T00:00:00Z").plus(Millis::minutes(n))),
        hunk: Some("+ line\n".repeat(200)),
        ..bare_source(SourceId::issue_comment(n), kind, &body)
    };
    for length in [10, 1_000, 65_000] {
        let text = |n: i64| format!("{n} \"quoted\" {}", "é\u{1}".repeat(length / 3));
        let mut sources: Vec<FeedbackEvent> = (0..600)
            .map(|n| said(n, SourceKind::PrComment, text(n)))
            .collect();
        sources[0].kind = SourceKind::ReviewChangesRequested;
        for source in &mut sources[590..] {
            source.ended = Some(Resolution::Deleted);
        }
        let item = Followup {
            sources,
            ..bare_followup()
        };
        let told = wire(FollowupRecord::from(&item));
        let bytes = told.to_string().len();
        assert!(bytes <= 64 << 10, "{bytes} bytes with texts of {length}");
        let shown = told["sources"].as_array().unwrap();
        assert!(shown.len() <= 100 && shown.len() >= 5, "{}", shown.len());
        let left_out = told["truncated"]["sources_left_out"].as_u64().unwrap();
        assert_eq!(shown.len() as u64 + left_out, 600);
        assert_eq!(
            told["truncated"]["read_at"],
            "https://github.com/Acme/Api/pull/8"
        );
        // The most urgent event stays, then the newest waiting one.
        assert_eq!(shown[0]["source_event_id"], "issue_comment:0");
        assert_eq!(
            shown.last().unwrap()["source_event_id"],
            "issue_comment:589"
        );
        assert!(
            told["summary"]
                .as_str()
                .unwrap()
                .contains("589 pull request comments")
        );
        let asked = told["actionable_comments"].as_array().unwrap();
        assert_eq!(asked.len(), shown.len());
    }
    let small = wire(FollowupRecord::from(&bare_followup()));
    assert_eq!(small.get("truncated"), None);
}

fn event(kind: EventKind, details: Details) -> Value {
    let item = bare_followup();
    let when = at("2026-01-02T03:04:05.006Z");
    let event = Event::of_followup(kind, &item, when, &Principal::ApiKey, details);
    wire(EventRecord::from(&event))
}

#[test]
fn events_of_follow_ups_say_which() {
    let created = Details::FollowupCreated {
        kind: SourceKind::PrComment,
        source: SourceId::issue_comment(5),
    };
    assert_eq!(
        event(EventKind::FollowupCreated, created),
        json!({
            "event_id": "0",
            "type": "followup.created",
            "timestamp": "2026-01-02T03:04:05.006Z",
            "work_item_id": "00000000-0000-4000-8000-000000000009",
            "repo": "Acme/Api",
            "pr_number": 8,
            "details": { "source_event_type": "pr_comment", "source_event_id": "issue_comment:5" },
        })
    );
    let claimed = Details::FollowupClaimed { by: agent("ada") };
    assert_eq!(
        event(EventKind::FollowupClaimed, claimed)["details"],
        json!({ "claimed_by_agent_id": "ada" })
    );
    for (source, word) in [
        (Doing::Agent, "agent"),
        (Doing::Webhook, "webhook"),
        (Doing::Sync, "sync"),
    ] {
        let moved = Details::FollowupMoved {
            source,
            status: FollowupStatus::Done,
            note: Some("pushed".to_owned()),
        };
        assert_eq!(
            event(EventKind::FollowupDone, moved)["details"],
            json!({ "source": word, "status": "done", "note": "pushed" })
        );
    }
}

/// Every answer of the engine, with its HTTP status and its JSON.
fn answers() -> Vec<(WebhookAnswer, u16, Value)> {
    let feedback = |item| WebhookAnswer::Feedback {
        kind: SourceKind::ReviewChangesRequested,
        source: SourceId::review(3),
        created: true,
        idempotent: false,
        item,
        repo: repo_name(),
        pull: number(8),
    };
    vec![
        (
            feedback(Some(work_item_id())),
            202,
            json!({
                "ok": true, "processed": true, "event_type": "x", "source_event_type": "review_changes_requested",
                "created": true, "idempotent": false, "work_item_id": "00000000-0000-4000-8000-000000000009",
                "repo": "Acme/Api", "pr_number": 8,
            }),
        ),
        (
            feedback(None),
            202,
            json!({
                "ok": true, "processed": true, "event_type": "x", "source_event_type": "review_changes_requested",
                "created": true, "idempotent": false, "repo": "Acme/Api", "pr_number": 8,
            }),
        ),
        (
            WebhookAnswer::Taken {
                event: "x".to_owned(),
                action: "synchronize".to_owned(),
                resolved: 2,
            },
            202,
            json!({ "ok": true, "processed": true, "event_type": "x", "action": "synchronize", "resolved_followups": 2 }),
        ),
        (
            WebhookAnswer::Ignored(Ignored::NotActionable("star".to_owned())),
            202,
            json!({ "ok": true, "ignored": true, "reason": "event star is not actionable" }),
        ),
        (
            WebhookAnswer::Duplicate {
                id: "d-1".to_owned(),
            },
            200,
            json!({ "ok": true, "duplicate": true, "delivery_id": "d-1" }),
        ),
    ]
}

#[test]
fn deliveries_are_answered_by_the_contract() {
    for (answer, status, expected) in answers() {
        let reply = WebhookReply::new("x", (&answer).into());
        assert_eq!((reply.status(), wire(&reply)), (status, expected));
    }
    let reply = WebhookReply::new("x", WebhookOutcome::deferred());
    let expected = json!({ "ok": true, "processed": false, "reason": "deferred" });
    assert_eq!((reply.status(), wire(&reply)), (202, expected));
}

#[test]
fn readers_of_the_log_see_the_answer_too() {
    for (answer, _, mut expected) in answers() {
        if matches!(answer, WebhookAnswer::Duplicate { .. }) {
            // It creates no event.
            continue;
        }
        let details = Details::Webhook {
            auth: AuthMethod::Signature,
            event: "x".to_owned(),
            delivery: Some("d-1".to_owned()),
            answer,
        };
        expected["auth_method"] = json!("signature");
        expected["event_type"] = json!("x");
        expected["delivery_id"] = json!("d-1");
        assert_eq!(
            event(EventKind::WebhookReceived, details)["details"],
            expected
        );
    }
    let plain = Details::Webhook {
        auth: AuthMethod::ApiKey,
        event: "ping".to_owned(),
        delivery: None,
        answer: WebhookAnswer::Taken {
            event: "ping".to_owned(),
            action: "pong".to_owned(),
            resolved: 0,
        },
    };
    let told = event(EventKind::WebhookReceived, plain);
    assert_eq!(told["details"]["auth_method"], "api_key");
    assert!(told["details"].get("delivery_id").is_none());
}

#[test]
fn a_rejection_has_the_event_id_of_its_reader() {
    let told = wire(EventRecord::rejected(
        41,
        at("2026-01-02T03:04:05.006Z"),
        "invalid_signature",
    ));
    let expected = json!({
        "event_id": "41",
        "type": "webhook.rejected",
        "timestamp": "2026-01-02T03:04:05.006Z",
        "details": { "reason": "invalid_signature" },
    });
    assert_eq!(told, expected);
}
