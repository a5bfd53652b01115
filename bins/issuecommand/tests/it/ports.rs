//! One port and several processes that want it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Http, PATIENCE, Program, Site, free_port, message_of, wait_for};

/// How long a process may take to notice that its port is free: it tries every 5 s, plus time for a busy machine.
const NOTICING: Duration = Duration::from_secs(8);

fn site() -> Site {
    Site::with_issues("acme/harbour", 3)
}

#[test]
fn http_outlives_the_first_client() {
    let (site, port) = (site(), free_port());
    let mut first = site.program(Program::Combined).port(port).start_mcp();
    first.greet();
    first.process.address();

    let mut second = site.program(Program::Combined).port(port).start_mcp();
    second.greet();
    let line = second
        .process
        .wait_until_logged("another issuecommand serves HTTP", PATIENCE);
    assert_eq!(
        (&line["level"], &line["details"]["port"]),
        (&json!("info"), &json!(port))
    );
    let begin = Instant::now();
    let claim = json!({ "agent_id": "second", "repo": "acme/harbour", "issue_number": 1 });
    assert_eq!(
        second.call("claim_issue", &claim)["ok"],
        true,
        "it serves MCP meanwhile"
    );

    // It tries again without log lines.
    std::thread::sleep(Duration::from_millis(5500).saturating_sub(begin.elapsed()));
    first.leave();
    assert!(first.process.wait_for_end(PATIENCE).success());
    second.process.address_within(NOTICING);
    assert_eq!(
        second.process.logged("another issuecommand").len(),
        1,
        "said once"
    );

    let claims = Http::at(format!("127.0.0.1:{port}")).get("/api/claims");
    assert_eq!(claims.body["claims"][0]["agent_id"], "second");
    assert_eq!(
        second.call("get_my_claims", &json!({ "agent_id": "second" }))["claims"][0]["issue_number"],
        1
    );
}

#[test]
fn a_port_that_another_program_has_is_a_warning_and_mcp_goes_on() {
    let site = site();
    // The emulated GitHub serves as another program.
    let port = site
        .github
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut mcp = site.program(Program::Combined).port(port).start_mcp();
    mcp.greet();
    let line = mcp
        .process
        .wait_until_logged("taken by ANOTHER PROGRAM", PATIENCE);
    assert_eq!(
        (&line["level"], &line["details"]["port"]),
        (&json!("warn"), &json!(port))
    );
    assert!(message_of(&line).contains("HTTP_PORT"), "{line}");
    let claim = json!({ "agent_id": "a", "repo": "acme/harbour", "issue_number": 1 });
    assert_eq!(mcp.call("claim_issue", &claim)["ok"], true);
}

#[test]
fn a_silent_holder_of_the_port_is_no_reason_to_keep_mcp_waiting() {
    let site = site();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut mcp = site.program(Program::Combined).port(port).start_mcp();
    mcp.greet();
    mcp.call("system_health", &json!({}));
    mcp.process
        .wait_until_logged("taken by ANOTHER PROGRAM", PATIENCE);
}

#[test]
fn without_a_client_a_taken_port_ends_the_start() {
    let (site, port) = (site(), free_port());
    let mut holder = site.program(Program::Http).port(port).start();
    holder.address();
    let foreign = site
        .github
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    for (port, by) in [(port, "another issuecommand"), (foreign, "another program")] {
        for program in [Program::Combined, Program::Http] {
            let mut process = site.program(program).port(port).start();
            let status = process.wait_for_end(PATIENCE);
            let words = process.stderr();
            assert_eq!(status.code(), Some(1), "{words}");
            let last = words.lines().last().unwrap();
            assert!(
                last.contains(&format!("port {port} is taken by {by}")),
                "{program:?}: {words}"
            );
        }
    }
    wait_for("the holder to be unharmed", PATIENCE, || {
        (Http::at(format!("127.0.0.1:{port}")).get("/healthz").status == 200).then_some(())
    });
}
