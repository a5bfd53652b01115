//! The table: the calls, in order, with the HTTP status of each.

use serde_json::{Value, json};

/// One line of the table.
pub(crate) enum Step {
    /// A call: the tool, its arguments, the status over HTTP.
    Call(&'static str, Value, u16),
    /// So many minutes pass.
    Pass(i64),
    /// A round of the background work.
    Sync,
    /// From now on GitHub answers this on a route.
    GithubFails(&'static str, u16),
    /// GitHub answers again.
    GithubRecovers,
}

use Step::{Call, GithubFails, GithubRecovers, Pass, Sync};

/// The lines, in order: each builds on those before it.
pub(crate) fn cases() -> Vec<Step> {
    let mut all = looking();
    all.extend(taking());
    all.extend(moving());
    all.extend(refused());
    all.extend(wrong());
    all.extend(failing());
    all
}

fn looking() -> Vec<Step> {
    let issues = |fields: Value| Call("list_open_issues", fields, 200);
    vec![
        Call("list_repos", json!({}), 200),
        Call("list_repos", json!({ "include_counts": false }), 200),
        issues(json!({ "repo": "acme/api" })),
        issues(json!({ "repo": "ACME/Web" })),
        issues(json!({ "repo": "acme/api", "label": "bug, DOCS" })),
        issues(json!({ "repo": "acme/api", "label": "nobody has this" })),
        issues(json!({ "repo": "acme/api", "milestone": "V1" })),
        issues(json!({ "repo": "acme/api", "milestone": "1" })),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 2 }),
            200,
        ),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 6 }),
            200,
        ),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 99 }),
            404,
        ),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 7 }),
            404,
        ),
        Call("get_all_claims", json!({}), 200),
        Call("get_my_work", json!({ "agent_id": "ann" }), 200),
        Call("system_health", json!({}), 200),
        Sync,
        Call("system_health", json!({}), 200),
    ]
}

fn taking() -> Vec<Step> {
    let next = |fields: Value, status| Call("next_issue", fields, status);
    let keyed = json!({ "agent_id": "ann", "idempotency_key": "k1" });
    vec![
        next(json!({ "agent_id": "ann" }), 200),
        next(json!({ "agent_id": "ann", "label": "bug" }), 200),
        next(json!({ "agent_id": "ann", "label": "bug" }), 409),
        Call(
            "next_work",
            json!({ "agent_id": "bob", "repo": "acme/web" }),
            200,
        ),
        Call(
            "next_work",
            json!({ "agent_id": "bob", "repo": "acme/web" }),
            409,
        ),
        next(keyed.clone(), 200),
        next(keyed, 200),
        next(json!({ "agent_id": "bob", "idempotency_key": "k1" }), 409),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 5 }),
            200,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "Acme/API", "issue_number": 5 }),
            200,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "cid", "repo": "acme/api", "issue_number": 5 }),
            409,
        ),
        Pass(3),
        Call(
            "claim_issue",
            json!({ "agent_id": "cid", "repo": "acme/api", "issue_number": 6 }),
            409,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "cid", "repo": "acme/api", "issue_number": 7 }),
            409,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "cid", "repo": "acme/api", "issue_number": 404 }),
            404,
        ),
        Call("get_all_claims", json!({}), 200),
        Call(
            "get_all_claims",
            json!({ "agent_id": "ann", "status": "claimed", "repo": "acme/api" }),
            200,
        ),
        Call("get_all_claims", json!({ "agent_id": "nobody" }), 200),
        Call("get_my_work", json!({ "agent_id": "bob" }), 200),
    ]
}

/// All moves of one claim, from its beginning to its end.
fn moving() -> Vec<Step> {
    let update = |fields: Value, status| {
        let mut fields = fields;
        fields["claim_id"] = json!("$claim");
        Call("update_claim_status", fields, status)
    };
    let to = |status: &str| json!({ "agent_id": "dee", "status": status });
    let pull = "https://github.com/acme/api/pull/7";
    vec![
        Call(
            "claim_issue",
            json!({ "agent_id": "dee", "repo": "acme/api", "issue_number": 2 }),
            200,
        ),
        update(to("claimed"), 200),
        update(to("pr_merged"), 409),
        update(json!({ "agent_id": "eve", "status": "in_progress" }), 409),
        update(
            json!({ "agent_id": "dee", "status": "in_progress", "note": "reading" }),
            200,
        ),
        Pass(1),
        update(to("in_progress"), 200),
        update(to("pr_submitted"), 409),
        update(
            json!({ "agent_id": "dee", "status": "pr_submitted", "pr_url": pull }),
            200,
        ),
        update(to("pr_merged"), 200),
        update(to("closed"), 200),
        update(to("closed"), 404),
        Call(
            "release_issue",
            json!({ "agent_id": "dee", "claim_id": "$claim" }),
            404,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "eve", "repo": "acme/api", "issue_number": 2 }),
            409,
        ),
        Call("system_health", json!({}), 200),
    ]
}

fn refused() -> Vec<Step> {
    let nobody = "00000000-0000-4000-8000-000000000000";
    vec![
        Call("get_my_work", json!({ "agent_id": "bob" }), 200),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 5 }),
            200,
        ),
        Call(
            "release_issue",
            json!({ "agent_id": "ann", "claim_id": "$claim" }),
            409,
        ),
        Call(
            "release_issue",
            json!({ "agent_id": "bob", "claim_id": "$claim", "reason": "too hard" }),
            200,
        ),
        Call(
            "release_issue",
            json!({ "agent_id": "bob", "claim_id": "$claim" }),
            404,
        ),
        Call(
            "update_claim_status",
            json!({ "agent_id": "bob", "claim_id": "$claim", "status": "closed" }),
            404,
        ),
        Call(
            "release_issue",
            json!({ "agent_id": "bob", "claim_id": nobody }),
            404,
        ),
        Call(
            "release_issue",
            json!({ "agent_id": "bob", "claim_id": "no uuid" }),
            404,
        ),
        Call("list_open_issues", json!({ "repo": "acme/secret" }), 403),
        Call(
            "next_issue",
            json!({ "agent_id": "bob", "repo": "acme/secret" }),
            403,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/secret", "issue_number": 1 }),
            403,
        ),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/secret", "issue_number": 1 }),
            403,
        ),
    ]
}

fn wrong() -> Vec<Step> {
    let long = "x".repeat(201);
    let update = |fields: Value| {
        let mut fields = fields;
        fields["claim_id"] = json!("00000000-0000-4000-8000-000000000000");
        Call("update_claim_status", fields, 400)
    };
    vec![
        Call("next_issue", json!({}), 400),
        Call("next_issue", json!({ "agent_id": "  " }), 400),
        Call("next_issue", json!({ "agent_id": 7 }), 400),
        Call("next_issue", json!({ "agent_id": long }), 400),
        Call("next_issue", json!({ "agent_id": "a\u{7}b" }), 400),
        Call(
            "next_issue",
            json!({ "agent_id": "bob", "repo": "no-slash" }),
            400,
        ),
        Call(
            "next_work",
            json!({ "agent_id": "bob", "repo": "a/../b" }),
            400,
        ),
        Call("next_work", json!({ "agent_id": null }), 400),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "issue_number": 1 }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api" }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 0 }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": -1 }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 1e300 }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 1.5 }),
            400,
        ),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": "one" }),
            400,
        ),
        update(json!({ "agent_id": "bob" })),
        update(json!({ "agent_id": "bob", "status": "finished" })),
        update(json!({ "agent_id": "bob", "status": 3 })),
        update(json!({ "status": "closed" })),
        Call("get_all_claims", json!({ "status": "finished" }), 400),
        Call("get_my_work", json!({}), 400),
        Call("get_my_work", json!({ "agent_id": " " }), 400),
        // An optional field that is blank counts as absent.
        Call(
            "get_all_claims",
            json!({ "agent_id": "", "status": " " }),
            200,
        ),
        Call(
            "next_issue",
            json!({ "agent_id": " bob ", "label": "", "milestone": null }),
            200,
        ),
    ]
}

fn failing() -> Vec<Step> {
    vec![
        Pass(90),
        GithubFails("/**", 502),
        Call(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 77 }),
            503,
        ),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 1 }),
            503,
        ),
        Call("get_all_claims", json!({}), 200),
        GithubRecovers,
        GithubFails("/repos/**", 404),
        Call(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 1 }),
            404,
        ),
        GithubRecovers,
        Pass(60),
        Sync,
        Call("get_all_claims", json!({}), 200),
        Call("list_repos", json!({}), 200),
        Call("system_health", json!({}), 200),
    ]
}
