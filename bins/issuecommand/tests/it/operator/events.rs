//! `issuecommand events`: the log of each database, with and without a service.

use std::io::{BufRead, BufReader};
use std::process::Output;

use serde_json::{Value, json};

use super::{run, stderr};
use crate::harness::{Http, Program, Site, Store};

const REPO: &str = "acme/harbour";
const BARE: [(&str, Option<&str>); 2] = [("GITHUB_TOKEN", None), ("API_KEY", None)];

on_each_store!(the_log_is_printed_and_followed);

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let line = |line| serde_json::from_str(line).unwrap();
    text.lines().map(line).collect()
}

fn the_log_is_printed_and_followed(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let none = run(&site, &["events"], &BARE);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    assert!(stderr(&none).contains("there is no database"), "{none:?}");

    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let http = Http::at(&address);
    let claim = |who: &str, n: u32| {
        let body = json!({ "agent_id": who, "repo": REPO, "issue_number": n });
        assert_eq!(http.post("/api/claims", &body).status, 200);
    };
    claim("ann", 1);
    claim("bob", 2);
    let of_claims = ["events", "--types", "claim.created", "--since", "0"];
    let told = lines(&run(&site, &of_claims, &BARE));
    let agents: Vec<_> = told.iter().map(|event| &event["agent_id"]).collect();
    assert_eq!(agents, ["ann", "bob"]);
    let first = told[0]["event_id"].as_str().unwrap();
    let rest = [
        "events",
        "--since",
        first,
        "--repo",
        "ACME/harbour",
        "--agent",
        "bob",
    ];
    assert_eq!(lines(&run(&site, &rest, &BARE)), told[1..]);
    let wrong = run(&site, &["events", "--types", "claim.crated"], &BARE);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    assert!(stderr(&wrong).contains("claim.created"), "{wrong:?}");

    let follow = [
        "events",
        "--follow",
        "--types",
        "claim.created",
        "--since",
        first,
    ];
    let (mut follower, out) = site.program(Program::Combined).args(&follow).start_read();
    let mut follows = BufReader::new(out).lines().map(|line| {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        event["issue_number"].clone()
    });
    assert_eq!(follows.next(), Some(json!(2)));
    claim("ann", 3);
    assert_eq!(follows.next(), Some(json!(3)));
    follower.signal("TERM");
    assert!(follower.wait_for_end(crate::harness::PATIENCE).success());
    assert_eq!(follows.next(), None);
}
