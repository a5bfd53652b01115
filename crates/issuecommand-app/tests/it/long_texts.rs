//! Growing texts, histories and lists: input is bounded, and so is what a response contains of earlier input.

use issuecommand_core::domain::bounds::{ADDRESS_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::agent;
use serde_json::{Value, json};

use crate::world::{API, Http, Mcp, Setup, StoreKind, caller, github_with};

on_each_store!(
    a_text_has_a_limit_over_both_surfaces,
    a_long_history_is_told_by_its_end,
    what_was_stored_before_the_limits_stays_readable,
);

const MEGABYTE: usize = 1 << 20;

fn size(answer: &Value) -> usize {
    answer.to_string().len()
}

async fn a_text_has_a_limit_over_both_surfaces(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    let path = format!("/api/claims/{}", claim.id);
    let (id, who) = (claim.id.to_string(), "ann");
    let before = setup.dump().await;
    let note = "é".repeat(NOTE_MAX / 2 + 1);
    let url = format!("https://github.com/{}", "x".repeat(ADDRESS_MAX));
    for (tool, method, path, field, text) in [
        ("update_claim_status", "PATCH", &path, "note", &note),
        ("update_claim_status", "PATCH", &path, "pr_url", &url),
        ("release_issue", "DELETE", &path, "reason", &note),
    ] {
        let mut input = json!({ "claim_id": id, "agent_id": who });
        if tool == "update_claim_status" {
            input["status"] = json!("in_progress");
        }
        input[field] = json!(text);
        let reply = http.json(method, path, &input).await;
        assert_eq!(
            (reply.status, &reply.body["error"]),
            (400, &json!("request_failed")),
            "{tool} {field}"
        );
        let words = reply.body["message"].as_str().unwrap();
        assert!(
            words.starts_with(&format!("{field} must not be longer than")),
            "{words}"
        );
        assert!(
            words.contains(&format!("and has {}", text.len())),
            "{words}"
        );
        let (failed, told) = mcp.call(tool, &input).await;
        assert!(failed, "{told}");
        assert_eq!(told, reply.body);
    }
    // Filters have limits too.
    let label = "a,".repeat(2_000);
    for path in ["/api/next", "/api/next-work"] {
        let input = json!({ "agent_id": who, "label": label });
        assert_eq!(http.json("POST", path, &input).await.status, 400);
    }
    assert_eq!(setup.dump().await, before);
    // The longest allowed text is stored unchanged.
    let note = "é".repeat(NOTE_MAX / 2);
    let input = json!({ "agent_id": who, "status": "in_progress", "note": note });
    let reply = http.json("PATCH", &path, &input).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let told = &reply.body["claim"];
    assert_eq!(told["status_history"][1]["note"], json!(note));
    assert_eq!(told["truncated"], Value::Null);
}

/// Moves a claim back and forth, so many times, with this note.
async fn move_about(
    setup: &Setup,
    claim: issuecommand_core::domain::id::ClaimId,
    times: usize,
    note: &str,
) {
    for n in 0..times {
        let to = if n % 2 == 0 {
            ClaimStatus::InProgress
        } else {
            ClaimStatus::Stale
        };
        let action = Action::UpdateClaim {
            claim,
            agent: agent("ann"),
            to,
            note: Some(format!("{n} {note}")),
            pr_url: None,
        };
        let moved = setup.store.transact(Command::new(&caller(), action)).await;
        assert!(
            matches!(
                &moved,
                Ok(issuecommand_core::engine::command::Outcome::Done(_))
            ),
            "{moved:?}"
        );
    }
}

fn notes(claim: &Value) -> Vec<usize> {
    let history = claim["status_history"].as_array().unwrap();
    let number = |entry: &Value| {
        let (number, _) = entry["note"].as_str()?.split_once(' ')?;
        number.parse().ok()
    };
    history.iter().filter_map(number).collect()
}

async fn a_long_history_is_told_by_its_end(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    move_about(&setup, claim.id, 120, &"x".repeat(NOTE_MAX - 4)).await;
    let reply = http.get("/api/claims").await;
    let told = &reply.body["claims"][0];
    let shown = notes(told);
    // The latest entries, as many as fit.
    assert_eq!(shown, (120 - shown.len()..120).collect::<Vec<_>>());
    assert!(shown.len() > 25, "{}", shown.len());
    assert_eq!(
        told["truncated"],
        json!({ "status_history_left_out": 121 - shown.len(), "texts_shortened": 0 })
    );
    assert!(size(told) < MEGABYTE / 2, "{}", size(told));
    let (_, mine) = mcp
        .call("get_my_claims", &json!({ "agent_id": "ann" }))
        .await;
    assert_eq!(&mine["claims"][0], told);
    // A refused agent is told the holder and the status.
    let wanted = json!({ "agent_id": "bob", "repo": API, "issue_number": 1 });
    let mut all = 0;
    for _ in 0..10 {
        let reply = http.json("POST", "/api/claims", &wanted).await;
        assert_eq!(
            (reply.status, &reply.body["reason"]),
            (409, &json!("already_claimed"))
        );
        let (failed, told) = mcp.call("claim_issue", &wanted).await;
        assert!(!failed);
        assert_eq!(told, reply.body);
        all += size(&reply.body) + size(&told);
        let lean = &told["claim"];
        assert_eq!(lean["status"], "stale");
        assert_eq!(notes(lean), [115, 116, 117, 118, 119]);
        assert_eq!(
            lean["truncated"],
            json!({ "status_history_left_out": 116, "texts_shortened": 5 })
        );
    }
    assert!(all < 20 * 8_000, "{all} bytes for twenty refusals");
    // All of it is still stored, and the claim continues.
    move_about(&setup, claim.id, 1, "last").await;
    let dump = setup.dump().await;
    assert_eq!(dump.rows("claim_status"), 122);
    let held = setup.held(API, 1).await.unwrap();
    assert_eq!((held.history.len(), held.earlier), (50, 72));
    assert_eq!(held.history[49].note.as_deref(), Some("0 last"));
}

async fn what_was_stored_before_the_limits_stays_readable(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(3)).await;
    let (http, mcp) = (Http::serving(&setup).await, Mcp::serving(&setup).await);
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    move_about(&setup, claim.id, 6, &"y".repeat(MEGABYTE)).await;
    let reply = http.get("/api/claims").await;
    let told = &reply.body["claims"][0];
    assert_eq!(notes(told), [0, 1, 2, 3, 4, 5]);
    assert_eq!(
        told["truncated"],
        json!({ "status_history_left_out": 0, "texts_shortened": 6 })
    );
    let note = told["status_history"][6]["note"].as_str().unwrap();
    assert!(
        note.starts_with("5 yyy") && note.ends_with('…'),
        "{note:.20}"
    );
    assert!(size(told) < 64 << 10, "{}", size(told));
    let (_, mine) = mcp
        .call("get_my_claims", &json!({ "agent_id": "ann" }))
        .await;
    assert_eq!(&mine["claims"][0], told);
    let input = json!({ "agent_id": "ann", "reason": "done with it" });
    let path = format!("/api/claims/{}", claim.id);
    assert_eq!(http.json("DELETE", &path, &input).await.status, 200);
    let (_, history) = mcp.call("get_claim_history", &json!({})).await;
    let told = &history["items"][0];
    assert_eq!(
        (&told["status"], notes(told).len()),
        (&json!("released"), 6)
    );
    // The event of each move is bounded too.
    let events = setup.store.events_after(0, 1_000).await.unwrap();
    for event in &events {
        let told = serde_json::to_string(&issuecommand_wire::record::EventRecord::from(event));
        assert!(told.unwrap().len() < NOTE_MAX + 1_000);
    }
}
