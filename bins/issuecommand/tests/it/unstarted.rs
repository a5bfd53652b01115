//! A program that cannot start still shakes hands with its MCP client, and every tool reports the reason.

use std::fs;

use serde_json::json;

use crate::harness::{PATIENCE, Program, Site, Start};

fn site() -> Site {
    Site::with_issues("acme/harbour", 1)
}

/// Starts it for a client that calls several tools, and leaves.
fn explained(site: &Site, start: Start, words: &[&str]) {
    let mut mcp = start.start_mcp();
    let instructions = mcp.greeted();
    let tools = mcp.list_tools();
    assert!(tools.len() >= 15, "{tools:?}");
    let took = json!({ "agent_id": "ann" });
    let mut told = vec![instructions];
    for (tool, arguments) in [
        ("next_work", &took),
        ("system_health", &json!({})),
        ("claim_issue", &json!({})),
    ] {
        let text = mcp.fail(tool, arguments);
        assert!(text.contains("not_started"), "{text}");
        told.push(text);
    }
    for text in &told {
        for word in words {
            assert!(text.contains(word), "{word} in {text}");
        }
        assert!(
            !text.contains("test-token") && !text.contains("key-of-the-tests"),
            "{text}"
        );
    }
    // The client's log has it too, once.
    let logged = mcp.process.stderr();
    assert_eq!(logged.matches("error: ").count(), 1, "{logged}");
    assert!(mcp.process.is_running());
    mcp.leave();
    assert_eq!(mcp.process.wait_for_end(PATIENCE).code(), Some(1));
    assert_eq!(mcp.process.stderr().matches("error: ").count(), 1);
    assert!(!site.has_database());
}

#[test]
fn the_client_is_told_every_missing_setting() {
    let site = site();
    let folder = site.folder().canonicalize().unwrap();
    let here = folder.to_str().unwrap();
    let bare = |program| {
        site.program(program)
            .without("GITHUB_TOKEN")
            .without("API_KEY")
    };
    explained(
        &site,
        bare(Program::Combined),
        &["GITHUB_TOKEN", "API_KEY", "under", ".env", here],
    );
    explained(&site, bare(Program::Mcp), &["GITHUB_TOKEN", ".env", here]);
    let keyless = site.program(Program::Combined).without("API_KEY");
    explained(&site, keyless, &["API_KEY", "bearer token"]);
}

#[test]
fn the_client_is_told_every_startup_error() {
    let site = site();
    let wrong = site.program(Program::Combined).env("HTTP_PORT", "eighty");
    explained(&site, wrong, &["HTTP_PORT", "eighty", "65535"]);
    let folder = site.folder().join("folder");
    fs::create_dir(&folder).unwrap();
    let database = site
        .program(Program::Mcp)
        .env("SQLITE_PATH", folder.to_str().unwrap());
    explained(&site, database, &["doctor"]);
    let flag = site.program(Program::Mcp).args(&["--set", "HTTP_PROT=1"]);
    explained(&site, flag, &["HTTP_PROT", "HTTP_PORT"]);
}

#[test]
fn the_client_is_told_of_a_bind_error() {
    let site = site();
    let start = site
        .program(Program::Combined)
        .env("HTTP_HOST", "192.0.2.1");
    let mut mcp = start.start_mcp();
    mcp.greet();
    let told = mcp.fail("next_work", &json!({ "agent_id": "ann" }));
    assert!(
        told.contains("192.0.2.1") && told.contains("HTTP_HOST"),
        "{told}"
    );
    mcp.leave();
    assert_eq!(mcp.process.wait_for_end(PATIENCE).code(), Some(1));
}

/// A supervisor may leave standard input open. Its program must end anyway, to be restarted.
#[test]
fn without_a_client_missing_settings_are_one_line_and_an_exit() {
    let site = site();
    let bare = || {
        site.program(Program::Combined)
            .without("GITHUB_TOKEN")
            .without("API_KEY")
    };
    let mut service = bare().start();
    assert_eq!(service.wait_for_end(PATIENCE).code(), Some(1));
    let mut silent = bare().start_mcp();
    assert_eq!(silent.process.wait_for_end(PATIENCE).code(), Some(1));
    for words in [service.stderr(), silent.process.stderr()] {
        assert!(
            words.contains("GITHUB_TOKEN") && words.contains("API_KEY"),
            "{words}"
        );
        assert_eq!(words.lines().count(), 1, "{words}");
    }
}
