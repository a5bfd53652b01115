//! At level info the log has one line for each event of the event log, and nothing of the libraries' own logs.

use serde_json::{Value, json};

use crate::harness::{EventLog, Http, PATIENCE, Program, Site, Store};

const REPO: &str = "acme/harbour";

on_each_store!(each_event_is_a_line_of_the_log);

fn each_event_is_a_line_of_the_log(store: Store) {
    let site = Site::with_issues_on(store, REPO, 4);
    let mut mcp = site.program(Program::Combined).start_mcp();
    mcp.greet();
    let address = mcp.process.address();
    let http = Http::at(&address);
    let take = |number: u32| {
        let body = json!({"agent_id": "ann", "repo": REPO, "issue_number": number});
        let reply = http.post("/api/claims", &body);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["claim"]["claim_id"].as_str().unwrap().to_owned()
    };
    let moved = |claim: &str, status: &str| {
        let body = json!({"agent_id": "ann", "status": status, "note": "as it is"});
        let path = format!("/api/claims/{claim}");
        let reply = http.ask("PATCH", &path, Some(&body)).unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
    };
    let (one, two) = (take(1), take(2));
    moved(&one, "in_progress");
    moved(&one, "stale");
    let path = format!("/api/claims/{two}");
    http.ask("DELETE", &path, Some(&json!({"agent_id": "ann"})))
        .unwrap();
    mcp.call("next_issue", &json!({"agent_id": "bob"}));

    // The sync's own event comes at any time; the others are logged before the response.
    mcp.process
        .wait_until_logged("a run of the sync ended", PATIENCE);
    let events = EventLog::read(&address);
    let wanted: Vec<(String, String)> = events
        .iter()
        .filter(|event| event["type"].as_str().unwrap().starts_with("claim."))
        .map(|event| (text(event, "type"), text(event, "claim_id")))
        .collect();
    assert_eq!(wanted.len(), 6, "{wanted:?}");
    let lines: Vec<Value> = mcp
        .process
        .stderr()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let said: Vec<(String, String)> = lines
        .iter()
        .filter(|line| line["event"].as_str().unwrap().starts_with("claim."))
        .map(|line| (text(line, "event"), text(&line["details"], "claim_id")))
        .collect();
    assert_eq!(said, wanted);
    let stale = lines
        .iter()
        .find(|line| line["event"] == "claim.stale")
        .unwrap();
    let details = &stale["details"];
    assert_eq!(stale["level"], "info");
    for (field, value) in [
        ("agent_id", json!("ann")),
        ("repo", json!(REPO)),
        ("issue_number", json!(1)),
        ("status", json!("stale")),
        ("source", json!("agent")),
        ("note", json!("as it is")),
        ("principal", json!("api-key")),
    ] {
        assert_eq!(details[field], value, "{stale}");
    }
    for line in &lines {
        let event = line["event"].as_str().unwrap();
        assert!(!event.contains("::"), "a library speaks at info: {line}");
    }
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_default().to_owned()
}
