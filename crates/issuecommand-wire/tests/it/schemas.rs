//! Schemas, against the inputs and answers that they describe.

use issuecommand_core::service::{Claimed, Updated};
use issuecommand_wire::answer::{ClaimAnswer, NextWorkAnswer, UpdateAnswer};
use issuecommand_wire::call::{
    Call, ClaimIssue, ListRepos, NextWork, SystemHealth, UpdateClaimStatus,
};
use issuecommand_wire::{WireNo, schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::samples::{bare_claim, bare_issue};

#[test]
fn inputs_are_described_as_they_are_read() {
    let claim = schema::input::<ClaimIssue>();
    assert_eq!(claim["type"], "object");
    assert_eq!(
        claim["required"],
        json!(["agent_id", "repo", "issue_number"])
    );
    let number = &claim["properties"]["issue_number"];
    assert_eq!(
        (&number["type"], &number["minimum"], &number["maximum"]),
        (&json!("integer"), &json!(1), &json!(2_147_483_647))
    );
    let status = &schema::input::<UpdateClaimStatus>()["properties"]["status"]["enum"];
    assert_eq!(status.as_array().unwrap().len(), 7);
    let repos = schema::input::<ListRepos>();
    assert_eq!(repos["properties"]["include_counts"]["type"], "boolean");
    assert!(!repos.contains_key("required"));
    assert_eq!(schema::input::<SystemHealth>()["properties"], json!({}));
}

/// Every field of the value is described, and every field that is required is in it.
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
    let no = WireNo::no_such_claim("x").json();
    describes::<ClaimIssue>(ClaimAnswer::from(Claimed {
        claim: bare_claim(),
        idempotent: false,
    }));
    describes::<ClaimIssue>(&no);
    describes::<NextWork>(NextWorkAnswer::from((bare_claim(), bare_issue())));
    describes::<NextWork>(&no);
    let updated = Updated {
        claim: bare_claim(),
        idempotent: false,
        issue_closed: Some(true),
        issue_close_error: None,
    };
    describes::<UpdateClaimStatus>(UpdateAnswer::from(updated));
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
