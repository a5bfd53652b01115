//! Two processes on one database see the same.

use std::time::{Duration, Instant};

use issuecommand_github_emulator::Fault;
use serde_json::json;

use crate::harness::{Events, Http, Process, Program, Site, Store};

on_each_store!(
    a_reader_of_one_process_hears_what_is_done_in_the_others,
    all_who_wait_for_a_first_sync_wait_for_the_same_one,
    what_one_process_gave_another_moves_on,
);

const REPO: &str = "acme/harbour";

fn a_reader_of_one_process_hears_what_is_done_in_the_others(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let mut reading = site.program(Program::Http).start();
    let mut writing = site.program(Program::Combined).start();
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let mut events = Events::open(&reading.address());

    let over_http = json!({ "agent_id": "a", "repo": REPO, "issue_number": 1 });
    let claim = Http::at(writing.address())
        .post("/api/claims", &over_http)
        .body["claim"]
        .clone();
    let begin = Instant::now();
    let heard = events.find(|event, _| event == "claim.created").unwrap();
    assert_eq!(heard["claim_id"], claim["claim_id"]);
    assert_eq!(
        (&heard["agent_id"], &heard["issue_number"]),
        (&json!("a"), &json!(1))
    );
    let late = begin.elapsed();
    assert!(late < Duration::from_secs(5), "it came {late:?} later");

    let over_mcp = json!({ "agent_id": "b", "repo": REPO, "issue_number": 2 });
    let claim = mcp.call("claim_issue", &over_mcp)["claim"].clone();
    let release = json!({ "agent_id": "b", "claim_id": claim["claim_id"] });
    assert_eq!(mcp.call("release_issue", &release)["ok"], true);
    for expected in ["claim.created", "claim.released"] {
        let heard = events.find(|event, _| event.starts_with("claim.")).unwrap();
        assert_eq!(heard["type"], expected, "in the order of the log: {heard}");
        assert_eq!(heard["claim_id"], claim["claim_id"]);
    }
}

fn all_who_wait_for_a_first_sync_wait_for_the_same_one(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let list = format!("GET /repos/{REPO}/issues");
    site.github
        .fault(&list, Fault::delay(Duration::from_millis(500)));
    // Each process may also sync in the background.
    let mut servers: Vec<Process> = (0..2)
        .map(|_| site.program(Program::Http).start())
        .collect();
    let asking: Vec<_> = servers
        .iter_mut()
        .flat_map(|server| {
            let http = Http::at(server.address());
            [http.clone(), http]
        })
        .map(|http| std::thread::spawn(move || http.get(&format!("/api/repos/{REPO}/issues"))))
        .collect();
    for asked in asking {
        let reply = asked.join().unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body["issues"].as_array().unwrap().len(), 3);
    }
    // All open issues, and then the later changes.
    assert_eq!(site.github.requests_to(&list).len(), 2);
}

fn what_one_process_gave_another_moves_on(store: Store) {
    let site = Site::with_issues_on(store, REPO, 2);
    let mut server = site.program(Program::Http).start();
    let http = Http::at(server.address());
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();

    let given = mcp.call("next_issue", &json!({ "agent_id": "a" }));
    let id = given["claim"]["claim_id"].as_str().unwrap();
    let path = format!("/api/claims/{id}");
    let moved = http
        .ask(
            "PATCH",
            &path,
            Some(&json!({ "agent_id": "a", "status": "in_progress" })),
        )
        .unwrap();
    assert_eq!(
        (moved.status, &moved.body["claim"]["status"]),
        (200, &json!("in_progress"))
    );
    let theirs = http
        .ask(
            "PATCH",
            &path,
            Some(&json!({ "agent_id": "b", "status": "in_progress" })),
        )
        .unwrap();
    assert_eq!(
        (theirs.status, &theirs.body["reason"]),
        (409, &json!("agent_mismatch"))
    );
    assert_eq!(
        mcp.call("get_my_claims", &json!({ "agent_id": "a" }))["claims"][0]["status"],
        "in_progress"
    );
}
