//! Claude Code.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use super::anthropic::Anthropic;
use super::fixture::{Fixture, Running};
use super::model::{Model, Turn};
use super::program;
use crate::followups::talk::REPO;
use crate::harness::{PATIENCE, Program, path_of, wait_for};

/// The settings with our hooks, and the servers.
fn configure(fixture: &Fixture) {
    let hook = |words: &str| json!({ "type": "command", "command": Fixture::hook(words) });
    let entry = |hooks: Value| json!([{ "hooks": hooks }]);
    let mut waits = hook("wait --hook claude-code");
    waits["asyncRewake"] = json!(true);
    waits["timeout"] = json!(86_400);
    let hooks = json!({
        "SessionStart": entry(json!([hook("hook claude-code SessionStart")])),
        "PostToolUse": entry(json!([hook("hook claude-code PostToolUse")])),
        "Stop": entry(json!([hook("hook claude-code Stop"), waits])),
        "SessionEnd": entry(json!([hook("hook claude-code SessionEnd")])),
    });
    let settings = fixture.home.join(".claude");
    fs::create_dir_all(&settings).unwrap();
    fs::write(
        settings.join("settings.json"),
        json!({ "hooks": hooks }).to_string(),
    )
    .unwrap();
    let server = json!({ "type": "stdio", "command": path_of(Program::Combined), "env": fixture.environment() });
    let servers = json!({ "mcpServers": { "issuecommand": server } });
    fs::write(fixture.home.join("servers.json"), servers.to_string()).unwrap();
}

/// A session without a terminal that takes prompts until its input ends.
fn session(fixture: &Fixture, program: &Path, more: &[&str]) -> Running {
    let log = File::create(fixture.home.join("out.jsonl")).unwrap();
    let mut command = fixture.client(program);
    command
        .args([
            "-p",
            "--input-format",
            "stream-json",
            "--output-format",
            "stream-json",
            "--verbose",
        ])
        .arg("--mcp-config")
        .arg(fixture.home.join("servers.json"))
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
    let Some(program) = program("@anthropic-ai", "claude-code-", "claude") else {
        return;
    };
    let fixture = Fixture::new(Model::start(Anthropic));
    configure(&fixture);
    let search = json!({ "query": "select:mcp__issuecommand__next_work" });
    fixture.script_work(Turn::Tool("ToolSearch", search));
    let mut client = session(&fixture, &program, &[]);
    prompt(&mut client, "Work.");
    fixture.assert_worked();
    fixture.wakes("Claude Code");
    // It goes on under its id in a process of its own, and hears what it holds.
    let ids = fixture
        .site
        .ask_database("SELECT c.session_id FROM claim c WHERE c.number = 1");
    client.0.stdin = None;
    client.wait();
    wait_for("the end of the session", PATIENCE, || {
        (fixture.ends() == ["over"]).then_some(())
    });
    let heard = fixture.model.asked().len();
    let mut client = session(&fixture, &program, &["--resume", &ids[0]]);
    prompt(&mut client, "Go on.");
    let words = format!("You hold {REPO}#1 (pr_submitted; last note: the parser is next)");
    fixture.model.hears(heard, &words);
    assert_eq!(fixture.ends(), ["no"]);
    client.0.stdin = None;
    client.wait();
    fixture.site.assert_sound();
}
