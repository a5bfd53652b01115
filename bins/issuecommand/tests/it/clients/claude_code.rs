//! Claude Code.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use super::anthropic::Anthropic;
use super::fixture::{Fixture, Running, Transport};
use super::model::{Model, Turn};
use super::program;
use crate::followups::talk::REPO;
use crate::harness::{PATIENCE, wait_for};

/// A session without a terminal that takes prompts until its input ends.
fn session(fixture: &Fixture, program: &Path, more: &[&str]) -> Running {
    let log = File::create(fixture.home.join("out.jsonl")).unwrap();
    let mut command = fixture.client(program, program);
    command
        .args([
            "-p",
            "--input-format",
            "stream-json",
            "--output-format",
            "stream-json",
            "--verbose",
        ])
        .args(["--allowedTools", "mcp__issuecommand"])
        .args(more)
        .env(
            "ANTHROPIC_BASE_URL",
            format!("http://{}", fixture.model.address),
        )
        .env("ANTHROPIC_API_KEY", "x")
        .env("DISABLE_AUTOUPDATER", "1")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    Running(command.spawn().unwrap())
}

fn prompt(session: &mut Running, text: &str) {
    let line = json!({ "type": "user", "message": { "role": "user", "content": text } });
    let input = session.0.stdin.as_mut().unwrap();
    writeln!(input, "{line}").unwrap();
}

#[test]
fn prove_clients_claude_code_works_and_is_woken() {
    works_and_is_woken(Transport::Stdio);
}

#[test]
fn prove_clients_claude_code_works_and_is_woken_over_http() {
    works_and_is_woken(Transport::Http);
}

fn works_and_is_woken(transport: Transport) {
    let Some(program) = program(transport, "@anthropic-ai", "claude-code-", "claude") else {
        return;
    };
    let fixture = Fixture::new(Model::start(Anthropic), transport);
    fixture.install("claude-code", &program);
    let search = json!({ "query": "select:mcp__issuecommand__next_work" });
    fixture.script_work(Turn::Tool("ToolSearch", search));
    let mut client = session(&fixture, &program, &[]);
    prompt(&mut client, "Work.");
    fixture.assert_worked();
    fixture.wakes(&format!("Claude Code, {transport:?}"));
    // It goes on under its id in a process of its own, and hears what it holds.
    let out = fs::read_to_string(fixture.home.join("out.jsonl")).unwrap();
    let id = out.lines().find_map(|line| {
        let said: Value = serde_json::from_str(line).ok()?;
        said["session_id"].as_str().map(str::to_owned)
    });
    let id = id.expect("its id");
    client.0.stdin = None;
    client.wait();
    // Over HTTP it speaks a version without sessions.
    if transport == Transport::Stdio {
        wait_for("the end of the session", PATIENCE, || {
            (fixture.ends() == ["over"]).then_some(())
        });
    }
    let heard = fixture.model.asked().len();
    let mut client = session(&fixture, &program, &["--resume", &id]);
    prompt(&mut client, "Go on.");
    let words = format!("You hold {REPO}#1 (pr_submitted; last note: the parser is next)");
    fixture.model.hears(heard, &words);
    if transport == Transport::Stdio {
        assert_eq!(fixture.ends(), ["no"]);
    }
    client.0.stdin = None;
    client.wait();
    fixture.site.assert_sound();
}
