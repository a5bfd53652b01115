//! Accepted and rejected parameters of each call.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::ports::store::{ClaimFilter, HistoryCursor, HistoryQuery};
use issuecommand_wire::call::{
    Call, ClaimIssue, GetAllClaims, GetClaimHistory, GetFollowups, GetIssueDetails, GetMyWork,
    ListOpenIssues, ListRepos, NextIssue, NextWork, ReleaseIssue, UpdateClaimStatus,
    UpdateFollowupStatus,
};
use issuecommand_wire::{ApiError, ParamSource, Params, call, cursor};
use serde_json::{Value, json};

use crate::samples::{agent, at, claim_id, repo_name};

fn read<C: Call>(value: Value) -> Result<C, ApiError> {
    C::read(&Params::from_json(value).unwrap())
}

/// The message of a 400.
fn wrong<C: Call + std::fmt::Debug>(value: Value) -> String {
    let shown = value.to_string();
    let no = read::<C>(value).expect_err(&shown);
    let body = no.json();
    assert_eq!(
        (no.status, &body["error"]),
        (400, &json!("request_failed")),
        "{shown}"
    );
    body["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_required_field_must_be_present_and_valid() {
    let good = json!({ "agent_id": "ada", "repo": "Acme/Api", "issue_number": 7 });
    read::<ClaimIssue>(good.clone()).unwrap();
    let long = "x".repeat(201);
    let bad_texts = [
        json!(null),
        json!(""),
        json!("  \t"),
        json!(7),
        json!(true),
        json!(["ada"]),
        json!({}),
    ];
    let bad_agents = [
        json!("a\u{7}b"),
        json!("a\nb"),
        json!(long),
        json!("a\u{0}b"),
    ];
    let bad_repos = [
        json!("acme"),
        json!("/api"),
        json!("acme/"),
        json!("../api"),
        json!("acme/.."),
        json!("a/b/c"),
        json!("a b/c"),
        json!("a\u{0}/b"),
    ];
    let bad_numbers = [
        json!(null),
        json!("7"),
        json!(0),
        json!(-1),
        json!(7.5),
        json!(2_147_483_648_i64),
        json!(u64::MAX),
        json!(1e300),
        json!(true),
        json!([7]),
    ];
    let columns: [(&str, Vec<Value>); 3] = [
        (
            "agent_id",
            bad_texts.iter().chain(&bad_agents).cloned().collect(),
        ),
        (
            "repo",
            bad_texts.iter().chain(&bad_repos).cloned().collect(),
        ),
        ("issue_number", bad_numbers.to_vec()),
    ];
    for (field, values) in columns {
        let mut lacking = good.clone();
        lacking.as_object_mut().unwrap().remove(field);
        assert!(wrong::<ClaimIssue>(lacking).starts_with(&format!("{field} is required: ")));
        for value in values {
            let mut input = good.clone();
            input[field] = value;
            assert!(wrong::<ClaimIssue>(input).starts_with(field));
        }
    }
    assert!(
        wrong::<GetIssueDetails>(json!({ "repo": "a/b", "issue_number": "7" })).contains("must be")
    );
    assert!(wrong::<GetMyWork>(json!({})).starts_with("agent_id is required"));
    assert!(wrong::<ListOpenIssues>(json!({ "repo": " " })).starts_with("repo is required"));
}

#[test]
fn a_required_field_of_another_type_is_not_reported_as_missing() {
    let good = json!({ "agent_id": "ada", "repo": "a/b", "issue_number": 7 });
    for (field, value, words) in [
        (
            "agent_id",
            json!(5),
            "agent_id must be text, not a number. ",
        ),
        (
            "agent_id",
            json!({}),
            "agent_id must be text, not an object. ",
        ),
        ("repo", json!(["a/b"]), "repo must be text, not a list. "),
        (
            "issue_number",
            json!("#4"),
            "issue_number must be a whole number from 1 to 2147483647, not this text. ",
        ),
        (
            "issue_number",
            json!(true),
            "issue_number must be a whole number from 1 to 2147483647, not true or false. ",
        ),
    ] {
        let mut input = good.clone();
        input[field] = value;
        let told = wrong::<ClaimIssue>(input);
        assert!(told.starts_with(words), "{told}");
    }
    for absent in [json!(null), json!(" ")] {
        let mut input = good.clone();
        input["agent_id"] = absent;
        let told = wrong::<ClaimIssue>(input);
        assert!(told.starts_with("agent_id is required: "), "{told}");
    }
    let id = "00000000-0000-4000-8000-000000000009";
    let moved = json!({ "work_item_id": id, "agent_id": "ada", "status": 5 });
    let told = wrong::<UpdateFollowupStatus>(moved);
    let words = "status must be text, not a number: ";
    assert!(
        told.starts_with(words) && told.contains("one of queued, "),
        "{told}"
    );
}

#[test]
fn text_is_trimmed_and_whole_numbers_may_be_written_as_fractions() {
    let told = |value| format!("{:?}", read::<ClaimIssue>(value).unwrap());
    let plain = told(json!({ "agent_id": "ada", "repo": "Acme/Api", "issue_number": 7 }));
    let other = told(
        json!({ "agent_id": " ada\n", "repo": "\tAcme/Api ", "issue_number": 7.0, "unknown": { "x": 1 } }),
    );
    assert_eq!(plain, other);
}

#[test]
fn blank_optional_fields_are_absent() {
    let nothing = read::<NextIssue>(json!({ "agent_id": "ada" })).unwrap();
    for nought in [
        json!(null),
        json!(""),
        json!("  "),
        json!(7),
        json!(false),
        json!([]),
        json!({}),
    ] {
        let input = json!({
            "agent_id": "ada", "repo": nought, "label": nought, "milestone": nought, "idempotency_key": nought,
        });
        assert_eq!(read::<NextIssue>(input).unwrap(), nothing, "{nought}");
        let filter =
            read::<GetAllClaims>(json!({ "agent_id": nought, "repo": nought, "status": nought }))
                .unwrap();
        assert_eq!(filter, read::<GetAllClaims>(json!({})).unwrap(), "{nought}");
    }
    assert!(wrong::<NextIssue>(json!({ "agent_id": "ada", "repo": "acme" })).starts_with("repo "));
    assert!(wrong::<NextWork>(json!({ "agent_id": "ada", "label": "a\u{0}" })).contains("NUL"));
    let flag = |value| {
        read::<ListRepos>(json!({ "include_counts": value }))
            .unwrap()
            .counts
    };
    assert_eq!(
        [
            flag(json!(false)),
            flag(json!("false")),
            flag(json!(null)),
            flag(json!(0))
        ],
        [false, true, true, true]
    );
}

#[test]
fn a_status_must_be_a_known_value() {
    let input = |status: Value| json!({ "claim_id": claim_id().to_string(), "agent_id": "ada", "status": status });
    for status in ClaimStatus::ALL {
        read::<UpdateClaimStatus>(input(json!(status.as_str()))).unwrap();
        let filter = read::<GetAllClaims>(json!({ "status": status.as_str() })).unwrap();
        let expected = ClaimFilter {
            status: Some(status),
            ..ClaimFilter::default()
        };
        let told = format!("{filter:?}");
        assert!(told.starts_with(&format!("GetAllClaims({expected:?}, ")));
    }
    let words = "one of claimed, in_progress, pr_submitted, pr_merged, closed, released, stale.";
    for bad in [
        json!(null),
        json!(""),
        json!(1),
        json!("done"),
        json!("Claimed"),
        json!("claimed,stale"),
    ] {
        let message = wrong::<UpdateClaimStatus>(input(bad.clone()));
        assert!(
            message.starts_with("status ") && message.ends_with(words),
            "{bad}: {message}"
        );
    }
    assert_eq!(
        wrong::<GetAllClaims>(json!({ "status": "open" })),
        format!("status must be {words}")
    );
}

#[test]
fn an_impossible_claim_id_is_not_found() {
    for id in [
        "nonsense",
        "7",
        "00000000-0000-4000-8000-00000000000g",
        &"x".repeat(10_000),
    ] {
        let no = read::<ReleaseIssue>(json!({ "claim_id": id, "agent_id": "ada" })).unwrap_err();
        let body = no.json();
        assert_eq!(
            (no.status, &body["ok"], &body["reason"]),
            (404, &json!(false), &json!("claim_not_found"))
        );
        assert!(body["message"].as_str().unwrap().len() < 200);
    }
    assert!(
        wrong::<ReleaseIssue>(json!({ "agent_id": "ada" })).starts_with("claim_id is required")
    );
    assert!(
        wrong::<ReleaseIssue>(json!({ "claim_id": "nonsense" }))
            .starts_with("agent_id is required")
    );
    let both_wrong = json!({ "claim_id": "nonsense", "agent_id": "ada", "status": "done" });
    assert!(
        wrong::<UpdateClaimStatus>(both_wrong).starts_with("status "),
        "what is wrong with the input comes first"
    );
}

#[test]
fn history_has_bounds_and_opaque_cursors() {
    let query = |value| format!("{:?}", read::<GetClaimHistory>(value).unwrap());
    let plain = HistoryQuery {
        limit: 50,
        ..HistoryQuery::default()
    };
    let expected = |query: &HistoryQuery| format!("GetClaimHistory({query:?})");
    assert_eq!(
        query(json!({ "limit": "5", "cursor": 7 })),
        expected(&plain),
        "of a wrong type: absent"
    );
    for limit in [1, 200] {
        assert_eq!(
            query(json!({ "limit": limit })),
            expected(&HistoryQuery {
                limit,
                ..plain.clone()
            })
        );
    }
    for limit in [json!(0), json!(201), json!(-1), json!(1.5), json!(1e30)] {
        assert!(wrong::<GetClaimHistory>(json!({ "limit": limit })).contains("from 1 to 200"));
    }
    let after = HistoryCursor {
        ended: at("2026-01-02T03:04:05.006Z"),
        claim: claim_id().to_string(),
    };
    let text = cursor::write(&after);
    assert_eq!(cursor::read(&text), Some(after.clone()));
    let full = HistoryQuery {
        agent: Some(agent("ada")),
        repo: Some(repo_name()),
        after: Some(after),
        ..plain
    };
    assert_eq!(
        query(json!({ "agent_id": "ada", "repo": "acme/api", "cursor": text })).to_lowercase(),
        expected(&full).to_lowercase()
    );
    for bad in [
        "x",
        "1",
        "1.",
        ".x",
        "1.2",
        "x.00000000-0000-4000-8000-000000000007",
        &format!("{text}x"),
    ] {
        assert!(
            wrong::<GetClaimHistory>(json!({ "cursor": bad })).starts_with("cursor "),
            "{bad}"
        );
    }
}

#[test]
fn an_idempotency_key_is_bound_to_its_request() {
    let key = |input: Value| {
        let mut input = input;
        input["idempotency_key"] = json!("k");
        let fields = Params::from_json(input).unwrap();
        let parsed = call::read::<NextIssue>(fields, ParamSource::Body).unwrap();
        let shown = format!("{parsed:?}");
        let (_, key) = shown.split_once("request: ").expect("a key");
        key.to_owned()
    };
    let one = key(json!({ "agent_id": "ada", "repo": "Acme/Api", "label": "b, A" }));
    assert_eq!(
        one,
        key(json!({ "agent_id": "ada", "repo": "acme/api", "label": "a,B" })),
        "the same request, spelt otherwise"
    );
    for other in [
        json!({ "agent_id": "ada2", "repo": "Acme/Api", "label": "a,b" }),
        json!({ "agent_id": "ada", "repo": "Acme/Web", "label": "a,b" }),
        json!({ "agent_id": "ada", "repo": "Acme/Api", "label": "a" }),
        json!({ "agent_id": "ada", "repo": "Acme/Api", "label": "a", "milestone": "b" }),
    ] {
        assert_ne!(one, key(other));
    }
    let long = json!({ "agent_id": "ada", "idempotency_key": "k".repeat(201) });
    let fields = Params::from_json(long).unwrap();
    let no = call::read::<NextWork>(fields, ParamSource::Body).unwrap_err();
    let message = no.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with("idempotency_key must not be longer than 200 bytes"),
        "{message}"
    );
}

#[test]
fn input_must_be_an_object() {
    for value in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        assert!(Params::from_json(value).is_err());
    }
}

#[test]
fn an_invalid_followup_filter_is_rejected() {
    let read = |value: Value| format!("{:?}", read::<GetFollowups>(value).unwrap());
    let all = read(json!({}));
    for absent in [json!(null), json!(""), json!("  ")] {
        let given = json!({ "pr_number": absent, "status": absent, "repo": absent, "claimed_by_agent_id": absent });
        assert_eq!(read(given), all);
    }
    // All query parameters are text.
    assert_eq!(
        read(json!({ "pr_number": " 7 " })),
        read(json!({ "pr_number": 7 }))
    );
    assert_ne!(read(json!({ "pr_number": 7 })), all);
    for wrong in [
        json!("x"),
        json!("+7"),
        json!("7.0"),
        json!("0"),
        json!("99999999999999999999"),
        json!(0),
        json!(1.5),
        json!(true),
        json!([7]),
        json!({}),
    ] {
        let message = wrong_followups(json!({ "pr_number": wrong }));
        assert!(message.starts_with("pr_number "), "{message}");
    }
    assert_eq!(
        wrong_followups(json!({ "status": "in_review" })),
        "status must be one of queued, claimed, in_progress, done, dismissed, stale."
    );
    let told = [
        json!({ "repo": "acme" }),
        json!({ "claimed_by_agent_id": "a\nb" }),
    ]
    .map(wrong_followups);
    assert!(
        told[0].starts_with("repo ") && told[1].starts_with("claimed_by_agent_id "),
        "{told:?}"
    );
}

fn wrong_followups(value: Value) -> String {
    wrong::<GetFollowups>(value)
}

#[test]
fn a_follow_up_is_moved_by_its_id_alone() {
    let good = json!({
        "work_item_id": "00000000-0000-4000-8000-000000000009", "agent_id": "ada", "status": "done", "note": 7
    });
    read::<UpdateFollowupStatus>(good.clone()).unwrap();
    for field in ["work_item_id", "agent_id", "status"] {
        let mut input = good.clone();
        input[field] = json!(null);
        let message = wrong::<UpdateFollowupStatus>(input);
        assert!(
            message.starts_with(&format!("{field} is required")),
            "{message}"
        );
    }
    let mut input = good.clone();
    input["status"] = json!("pr_merged");
    assert!(wrong::<UpdateFollowupStatus>(input).starts_with("status must be one of queued"));
    let mut input = good;
    input["work_item_id"] = json!("x".repeat(1000));
    let no = read::<UpdateFollowupStatus>(input).unwrap_err();
    let body = no.json();
    assert_eq!((no.status, &body["reason"]), (404, &json!("not_found")));
    assert!(body.to_string().len() < 300, "{body}");
}
