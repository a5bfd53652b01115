//! When a process ends, and when it does not.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use issuecommand_github_emulator::Fault;
use serde_json::json;

use crate::harness::{Broken, Events, Http, JsonResponse, PATIENCE, Program, Site, wait_for};

/// The time limit for an end without running calls.
const SOON: Duration = Duration::from_secs(8);

fn site() -> Site {
    Site::with_issues("acme/harbour", 3)
}

#[test]
fn without_a_client_http_is_served_until_sigterm_which_ends_open_streams_too() {
    let site = site();
    for program in [Program::Combined, Program::Http] {
        let mut process = site.program(program).start();
        let address = process.address();
        let mut events = Events::open(&address);
        assert_eq!(Http::at(&address).get("/api/claims").status, 200);
        assert!(
            process.is_running(),
            "{program:?} ended though nobody told it to"
        );

        process.signal("TERM");
        let status = process.wait_for_end(SOON);
        assert!(status.success(), "{program:?} ended with {status}");
        assert_eq!(
            events.find(|event, _| event != "ping"),
            None,
            "the stream ends without a word"
        );
    }
}

#[test]
fn a_process_ends_when_its_client_leaves_though_it_serves_http() {
    let site = site();
    for program in [Program::Combined, Program::Mcp] {
        let mut mcp = site.program(program).start_mcp();
        mcp.greet();
        mcp.call("list_repos", &json!({}));
        // A client that keeps reading must not prevent the end.
        let events = (program == Program::Combined).then(|| Events::open(&mcp.process.address()));
        mcp.leave();
        let status = mcp.process.wait_for_end(SOON);
        assert!(status.success(), "{program:?} ended with {status}");
        drop(events);
    }
}

#[test]
fn sigterm_ends_a_process_whose_client_is_there() {
    let site = site();
    for program in [Program::Combined, Program::Mcp] {
        let mut mcp = site.program(program).start_mcp();
        mcp.greet();
        mcp.process.signal("TERM");
        let status = mcp.process.wait_for_end(SOON);
        assert!(status.success(), "{program:?} ended with {status}");
    }
}

/// Sends a claim that needs a GitHub request, and waits until that runs.
fn claim_under_way(site: &Site, address: &str) -> JoinHandle<Result<JsonResponse, Broken>> {
    let http = Http::at(address);
    assert_eq!(http.get("/api/repos").status, 200, "the mirror is filled");
    // Opened later: the mirror does not know it, so GitHub must be asked.
    let number = site
        .github
        .world(|world| world.open_issue("acme/harbour", "New"));
    let input = json!({ "agent_id": "a", "repo": "acme/harbour", "issue_number": number });
    let asking = std::thread::spawn(move || http.ask("POST", "/api/claims", Some(&input)));
    let route = format!("GET /repos/acme/harbour/issues/{number}");
    wait_for("GitHub to be asked", PATIENCE, || {
        site.github.requests_to(&route).pop()
    });
    asking
}

#[test]
fn running_calls_finish_before_the_process_ends() {
    let site = site();
    let mut process = site.program(Program::Http).start();
    let address = process.address();
    site.github.fault(
        "GET /repos/acme/harbour/issues/*",
        Fault::delay(Duration::from_secs(1)),
    );
    let asking = claim_under_way(&site, &address);
    process.signal("TERM");
    let reply = asking
        .join()
        .unwrap()
        .expect("a response although the server is shutting down");
    assert_eq!((reply.status, &reply.body["ok"]), (200, &json!(true)));
    assert!(process.wait_for_end(SOON).success());
}

#[test]
fn under_load_everything_that_was_done_before_the_end_was_answered() {
    let site = Site::with_issues("acme/harbour", 400);
    let mut server = site.program(Program::Http).start();
    let address = server.address();
    assert_eq!(Http::at(&address).get("/api/repos").status, 200);
    let answered = AtomicUsize::new(0);
    let mut told: BTreeSet<String> = thread::scope(|scope| {
        let agents: Vec<_> = (0..8)
            .map(|n| {
                let (http, answered) = (Http::at(&address), &answered);
                scope.spawn(move || {
                    let mut claims = Vec::new();
                    let input = json!({ "agent_id": format!("agent-{n}") });
                    // Until the server is gone.
                    while let Ok(reply) = http.ask("POST", "/api/next", Some(&input)) {
                        assert_eq!(reply.status, 200, "{reply:?}");
                        claims.push(reply.body["claim"]["claim_id"].as_str().unwrap().to_owned());
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    claims
                })
            })
            .collect();
        wait_for("the agents' work", PATIENCE, || {
            (answered.load(Ordering::Relaxed) >= 50).then_some(())
        });
        server.signal("TERM");
        assert!(server.wait_for_end(PATIENCE).success());
        let claims = agents.into_iter().flat_map(|agent| agent.join().unwrap());
        claims.collect()
    });
    let mut server = site.program(Program::Http).start();
    let claims = Http::at(server.address()).get("/api/claims").body["claims"].clone();
    for claim in claims.as_array().unwrap() {
        let id = claim["claim_id"].as_str().unwrap();
        assert!(
            told.remove(id),
            "done, and its agent never heard of it: {claim}"
        );
    }
    assert_eq!(told, BTreeSet::new(), "acknowledged, but missing");
}

#[test]
fn a_second_signal_ends_at_once() {
    let site = site();
    let mut process = site.program(Program::Http).start();
    let address = process.address();
    site.github
        .fault("GET /repos/acme/harbour/issues/*", Fault::hang());
    let asking = claim_under_way(&site, &address);
    process.signal("TERM");
    process.wait_until_logged("stopping", PATIENCE);
    assert!(process.is_running(), "it waits for what runs");
    process.signal("TERM");
    assert!(!process.wait_for_end(SOON).success());
    asking.join().unwrap().expect_err("no answer");
}

#[test]
fn mcp_alone_ends_without_a_client() {
    let site = site();
    let mut process = site.program(Program::Mcp).start();
    let status = process.wait_for_end(PATIENCE);
    assert!(status.success(), "{status}");
}

#[test]
fn mcp_alone_needs_no_api_key_and_binds_no_port() {
    let site = site();
    let mut mcp = site.program(Program::Mcp).without("API_KEY").start_mcp();
    mcp.greet();
    let claim = json!({ "agent_id": "a", "repo": "acme/harbour", "issue_number": 2 });
    assert_eq!(mcp.call("claim_issue", &claim)["ok"], true);
    assert!(mcp.process.logged("serving HTTP").is_empty());
}
