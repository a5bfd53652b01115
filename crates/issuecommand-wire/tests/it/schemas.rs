//! Schemas, compared with the parameters and results that they describe.

use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::service::{
    AssignedIssue, AssignedWork, Claimed, MovedFollowup, ServiceError, Updated,
};
use issuecommand_wire::call::{
    Call, ClaimIssue, GetFollowups, ListRepos, NextIssue, NextWork, SystemHealth,
    UpdateClaimStatus, UpdateFollowupStatus,
};
use issuecommand_wire::response::{
    ClaimResponse, FollowupResponse, FollowupsResponse, NextWorkResponse, UpdateResponse,
};
use issuecommand_wire::{ApiError, schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::samples::{bare_claim, bare_followup, bare_issue, chosen};

#[test]
fn inputs_are_described_as_they_are_read() {
    let claim = schema::input::<ClaimIssue>();
    assert_eq!(claim["type"], "object");
    assert_eq!(
        claim["required"],
        json!(["repo", "issue_number"]),
        "a session names its agent over MCP"
    );
    let number = &claim["properties"]["issue_number"];
    assert_eq!(
        (&number["type"], &number["minimum"], &number["maximum"]),
        (&json!("integer"), &json!(1), &json!(2_147_483_647))
    );
    let status = &schema::input::<UpdateClaimStatus>()["properties"]["status"]["enum"];
    assert_eq!(status.as_array().unwrap().len(), 7);
    let status = &schema::input::<UpdateFollowupStatus>()["properties"]["status"]["enum"];
    assert_eq!(status.as_array().unwrap().len(), 6);
    let pull = &schema::input::<GetFollowups>()["properties"]["pr_number"];
    assert_eq!(
        (&pull["type"], &pull["minimum"]),
        (&json!("integer"), &json!(1))
    );
    let repos = schema::input::<ListRepos>();
    assert_eq!(repos["properties"]["include_counts"]["type"], "boolean");
    assert!(!repos.contains_key("required"));
    let health = schema::input::<SystemHealth>();
    assert_eq!(health["properties"]["repo"]["type"], "string");
}

/// Every field of the value is described, and every required field is in it.
fn describes<C: Call>(value: impl Serialize) {
    let schema: Map<String, Value> = schema::output::<C>();
    assert_eq!(schema["type"], "object", "{}", C::NAME);
    let value = serde_json::to_value(value).unwrap();
    let fields = value.as_object().unwrap();
    for name in fields.keys() {
        assert!(
            schema["properties"].get(name).is_some(),
            "{} lacks {name}",
            C::NAME
        );
    }
    for name in schema["required"].as_array().unwrap() {
        assert!(
            fields.contains_key(name.as_str().unwrap()),
            "{} requires {name}",
            C::NAME
        );
    }
}

#[test]
fn answers_and_refusals_fit_one_schema() {
    let no = ApiError::no_such_claim("x").json();
    describes::<ClaimIssue>(ClaimResponse::from(Claimed {
        claim: bare_claim(),
        idempotent: false,
        untried: false,
        warnings: Vec::new(),
    }));
    describes::<ClaimIssue>(&no);
    describes::<NextWork>(NextWorkResponse::from(AssignedWork::Issue(AssignedIssue {
        claim: Box::new(bare_claim()),
        issue: Box::new(bare_issue()),
        chosen: Some(chosen()),
        untried: true,
    })));
    describes::<NextWork>(NextWorkResponse::from(AssignedWork::Followup(Box::new(
        bare_followup(),
    ))));
    describes::<GetFollowups>(FollowupsResponse::from(vec![bare_followup()]));
    describes::<UpdateFollowupStatus>(FollowupResponse::from(MovedFollowup {
        item: bare_followup(),
        idempotent: true,
    }));
    describes::<UpdateFollowupStatus>(ApiError::no_such_followup("x").json());
    describes::<NextWork>(&no);
    let nothing = ServiceError::NoWork {
        refusal: Box::new(Refusal::NothingEligible),
        why: Box::default(),
    };
    describes::<NextWork>(ApiError::from(&nothing).json());
    let updated = Updated {
        claim: bare_claim(),
        idempotent: false,
        issue_closed: Some(true),
        issue_close_error: None,
        closed_on_github: false,
        warnings: Vec::new(),
    };
    describes::<UpdateClaimStatus>(UpdateResponse::from(updated));
    describes::<UpdateClaimStatus>(&no);
    assert_eq!(
        schema::output::<UpdateClaimStatus>()["required"],
        json!(["ok"])
    );
    assert_eq!(
        schema::output::<SystemHealth>()["required"],
        json!(["health"])
    );
}

#[test]
fn a_refusal_shows_the_records_that_its_call_is_about_and_no_others() {
    let shows = |schema: Map<String, Value>| {
        let has = |name| schema["properties"].get(name).is_some();
        let defined: Vec<String> = schema
            .get("$defs")
            .and_then(Value::as_object)
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default();
        (has("claim"), has("work_item"), defined)
    };
    let (claim, item, defined) = shows(schema::output::<NextIssue>());
    assert_eq!((claim, item), (true, false));
    assert!(
        !defined.contains(&"FollowupRecord".to_owned()),
        "{defined:?}"
    );
    let (claim, item, defined) = shows(schema::output::<UpdateFollowupStatus>());
    assert_eq!((claim, item), (false, true));
    assert!(!defined.contains(&"ClaimRecord".to_owned()), "{defined:?}");
    assert!(defined.contains(&"SourceRecord".to_owned()), "{defined:?}");
}
