//! The default address of HTTP: a process started by an MCP client does not listen on the network.

use serde_json::json;

use crate::harness::{Http, PATIENCE, Program, Site, Start, free_port};

fn program(site: &Site) -> Start {
    site.program(Program::Combined).without("HTTP_HOST")
}

#[test]
fn a_process_that_a_client_started_listens_on_this_machine_alone() {
    let site = Site::with_issues("acme/harbour", 1);
    let mut mcp = program(&site).start_mcp();
    mcp.greet();
    let address = mcp.process.address();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    assert_eq!(Http::at(&address).get("/api/claims").status, 200);
    mcp.call("list_repos", &json!({}));

    let mut mcp = site
        .program(Program::Combined)
        .env("HTTP_HOST", "0.0.0.0")
        .start_mcp();
    mcp.greet();
    let address = mcp.process.address();
    assert!(
        address.starts_with("0.0.0.0:"),
        "it was asked for: {address}"
    );
}

#[test]
fn a_service_listens_on_all_addresses() {
    let site = Site::with_issues("acme/harbour", 1);
    for program in [
        program(&site),
        site.program(Program::Http).without("HTTP_HOST"),
    ] {
        let mut service = program.start();
        let address = service.address();
        assert!(address.starts_with("0.0.0.0:"), "{address}");
        let lines = service.logged("serving HTTP");
        let addresses = lines.iter().map(|line| &line["details"]["address"]);
        assert_eq!(addresses.filter(|address| !address.is_null()).count(), 1);
    }
}

/// A supervisor leaves standard input open without writing; a slow client does write.
#[test]
fn a_silent_open_stdin_counts_as_a_service_until_a_request() {
    let (site, port) = (Site::with_issues("acme/harbour", 1), free_port());
    let mut mcp = program(&site).port(port).start_mcp();
    let wide = format!("0.0.0.0:{port}");
    assert_eq!(mcp.process.address(), wide);
    let local = Http::at(format!("127.0.0.1:{port}"));
    assert_eq!(local.get("/healthz").status, 200);
    mcp.greet();
    let line = mcp
        .process
        .wait_until_logged_times("serving HTTP", 2, PATIENCE);
    assert_eq!(line["details"]["address"], format!("127.0.0.1:{port}"));
    assert_eq!(
        Http::at(format!("127.0.0.1:{port}")).get("/healthz").status,
        200
    );
    mcp.call("list_repos", &json!({}));
}

/// On some systems the loopback address could still be bound.
#[test]
fn a_client_beside_a_service_on_all_addresses_leaves_it_its_port() {
    let (site, port) = (Site::with_issues("acme/harbour", 1), free_port());
    let mut service = program(&site).port(port).start();
    service.address();
    let mut mcp = program(&site).port(port).start_mcp();
    mcp.greet();
    mcp.process
        .wait_until_logged("another issuecommand serves HTTP", PATIENCE);
    assert!(
        mcp.process
            .logged("serving HTTP")
            .iter()
            .all(|line| line["details"]["address"].is_null())
    );
}
