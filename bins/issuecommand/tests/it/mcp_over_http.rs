//! MCP over HTTP and waiting for work, on the real programs.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Http, Program, Site, Start, Store};

on_each_store!(
    both_programs_serve_mcp_beside_the_calls,
    resources_and_prompts_are_the_same_on_both_transports,
    whoever_waits_in_one_process_gets_what_another_gives_back,
    one_piece_of_work_ends_one_wait,
    a_cut_connection_frees_its_place,
);

const REPO: &str = "acme/harbour";
const HEADERS: [(&str, &str); 2] = [
    ("Content-Type", "application/json"),
    ("Accept", "application/json, text/event-stream"),
];

/// A program that may be called by the name that the requests of these tests have.
fn serving(site: &Site, program: Program) -> Start {
    site.program(program).env("MCP_ALLOWED_HOSTS", "test")
}

/// A request of MCP over HTTP; its result.
fn ask(http: &Http, method: &str, params: &Value) -> Value {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let answer = http.ask_with("POST", "/mcp", &HEADERS, Some(&message));
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["result"].clone()
}

/// A call of a tool over HTTP; its object.
fn call(http: &Http, tool: &str, arguments: &Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    ask(http, "tools/call", &params)["structuredContent"].clone()
}

fn both_programs_serve_mcp_beside_the_calls(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    for (program, agent) in [(Program::Http, "ann"), (Program::Combined, "bob")] {
        let mut server = serving(&site, program).start();
        let http = Http::at(server.address());
        let given = call(&http, "next_work", &json!({ "agent_id": agent }));
        assert_eq!(given["claim"]["agent_id"], agent, "{given}");
        let mine = http.get(&format!("/api/my-work?agent_id={agent}")).body;
        let claims = mine["work"]["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 1, "{mine}");
        assert_eq!(claims[0]["claim_id"], given["claim"]["claim_id"]);
        // The same key is asked for, and nothing says more.
        let stranger = http.clone().key("wrong");
        for (method, status) in [("POST", 401), ("GET", 401)] {
            let answer = stranger.ask_with(method, "/mcp", &HEADERS, Some(&json!({})));
            assert_eq!(answer.unwrap().status, status, "{method}");
        }
        let metadata = "/.well-known/oauth-protected-resource";
        assert_eq!(http.get(metadata).status, 404);
    }
}

fn resources_and_prompts_are_the_same_on_both_transports(store: Store) {
    let site = Site::with_issues_on(store, REPO, 2);
    let mut server = serving(&site, Program::Http).start();
    let http = Http::at(server.address());
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let given = mcp.call("next_work", &json!({ "agent_id": "ann" }));
    let number = &given["issue"]["number"];
    let read = |uri: String| ("resources/read", json!({ "uri": uri }));
    let prompt =
        json!({ "name": "answer_review", "arguments": { "agent_id": "ann", "repo": REPO } });
    for (method, params) in [
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        read("issuecommand://work/ann".to_owned()),
        read("issuecommand://claims".to_owned()),
        read(format!("issuecommand://issues/{REPO}/{number}")),
        ("prompts/list", json!({})),
        ("prompts/get", prompt),
    ] {
        let local = mcp.ask(method, &params);
        assert_eq!(local, ask(&http, method, &params), "{method} {params}");
        if method == "resources/read" {
            let text = local["contents"][0]["text"].as_str().unwrap();
            let title = given["issue"]["title"].as_str().unwrap();
            assert!(text.contains(title), "{params}: {text}");
        }
    }
}

/// Takes all issues as `ann`; the claims.
fn take_all(http: &Http) -> Vec<Value> {
    let ann = json!({ "agent_id": "ann", "repo": REPO });
    let given = || http.post("/api/next-work", &ann).body;
    let claims = std::iter::from_fn(|| Some(given()).filter(|given| given["ok"] == true));
    claims.map(|given| given["claim"].clone()).collect()
}

fn give_back(http: &Http, claim: &Value) {
    let path = format!("/api/claims/{}", claim["claim_id"].as_str().unwrap());
    let body = json!({ "agent_id": "ann" });
    let answer = http.ask("DELETE", &path, Some(&body)).unwrap();
    assert_eq!(answer.body["ok"], true, "{}", answer.body);
}

fn whoever_waits_in_one_process_gets_what_another_gives_back(store: Store) {
    let site = Site::with_issues_on(store, REPO, 2);
    let mut servers = [0, 1].map(|_| serving(&site, Program::Http).start());
    let [one, other] = servers.each_mut().map(|server| Http::at(server.address()));
    let claims = take_all(&one);
    assert_eq!(claims.len(), 2);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begun = Instant::now();
            let asks = json!({ "agent_id": "bob", "wait_seconds": 30 });
            (call(&other, "next_work", &asks), begun.elapsed())
        });
        thread::sleep(Duration::from_millis(700));
        give_back(&one, &claims[1]);
        let (given, waited) = waiting.join().unwrap();
        let (number, expected) = (&given["claim"]["issue_number"], &claims[1]["issue_number"]);
        assert_eq!(number, expected, "{given}");
        assert!(waited < Duration::from_secs(15), "{waited:?}");
    });
}

fn one_piece_of_work_ends_one_wait(store: Store) {
    const WAITERS: usize = 20;
    let site = Site::with_issues_on(store, REPO, 2);
    let mut servers = [0, 1].map(|_| serving(&site, Program::Http).start());
    let sites = servers.each_mut().map(|server| Http::at(server.address()));
    let claims = take_all(&sites[0]);
    let given: Vec<Value> = thread::scope(|scope| {
        let waiters: Vec<_> = (0..WAITERS)
            .map(|n| {
                let http = &sites[n % 2];
                scope.spawn(move || {
                    let asks = json!({ "agent_id": format!("w{n}"), "wait_seconds": 8 });
                    http.post("/api/next-work", &asks).body
                })
            })
            .collect();
        thread::sleep(Duration::from_secs(2));
        give_back(&sites[0], &claims[0]);
        let ended = waiters.into_iter().map(|waiter| waiter.join().unwrap());
        ended.collect()
    });
    let won: Vec<&Value> = given.iter().filter(|given| given["ok"] == true).collect();
    assert_eq!(won.len(), 1, "{won:?}");
    assert_eq!(won[0]["claim"]["issue_number"], claims[0]["issue_number"]);
    let rest = given.iter().filter(|given| given["ok"] != true);
    assert!(rest.clone().all(|given| given["reason"] == "invalid_issue"));
    assert_eq!(rest.count(), WAITERS - 1);
}

fn a_cut_connection_frees_its_place(store: Store) {
    let site = Site::with_issues_on(store, REPO, 1);
    let mut server = serving(&site, Program::Http).start();
    let http = Http::at(server.address());
    let claims = take_all(&http);
    let asks = json!({ "agent_id": "gone", "wait_seconds": 50 });
    let place = ("POST", "/api/next-work");
    http.hang_up(place, &asks, |all| all, Duration::from_millis(700))
        .unwrap();
    // A second is what it may take.
    thread::sleep(Duration::from_secs(1));
    give_back(&http, &claims[0]);
    thread::sleep(Duration::from_millis(700));
    let open = http.get("/api/claims").body;
    assert_eq!(open["claims"], json!([]), "{open}");
}
