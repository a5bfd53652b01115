//! Codex.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::process::Stdio;

use serde_json::json;

use super::fixture::{Fixture, Running};
use super::model::{Model, Turn};
use super::openai::OpenAi;
use super::program;
use crate::harness::{PATIENCE, Program, path_of, wait_for};

fn configure(fixture: &Fixture) {
    let address = &fixture.model.address;
    let program = path_of(Program::Combined);
    let program = program.display();
    let mut config = format!(
        "model = \"scripted\"\nmodel_provider = \"scripted\"\n[model_providers.scripted]\nname = \"scripted\"\n\
         base_url = \"http://{address}/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_KEY\"\n\
         [mcp_servers.issuecommand]\ncommand = '{program}'\ndefault_tools_approval_mode = \"approve\"\n\
         [mcp_servers.issuecommand.env]\n"
    );
    for (name, value) in fixture.environment().as_object().unwrap() {
        writeln!(config, "{name} = {value}").unwrap();
    }
    let hooks = [
        ("SessionStart", "hook codex SessionStart", 30),
        ("PostToolUse", "hook codex PostToolUse", 30),
        ("Stop", "hook codex Stop --wait 20s", 60),
        ("SessionEnd", "hook codex SessionEnd", 30),
    ];
    for (event, words, timeout) in hooks {
        let command = Fixture::hook(words);
        writeln!(
            config,
            "[[hooks.{event}]]\n[[hooks.{event}.hooks]]\ntype = \"command\"\ncommand = {command:?}\ntimeout = {timeout}"
        )
        .unwrap();
    }
    let folder = fixture.home.join(".codex");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), config).unwrap();
}

#[test]
fn prove_clients_codex_works_and_is_woken() {
    let Some(program) = program("@openai", "codex-", "codex") else {
        return;
    };
    let fixture = Fixture::new(Model::start(OpenAi));
    configure(&fixture);
    fixture.script_work(Turn::Tool("exec_command", json!({ "cmd": "true" })));
    let log = File::create(fixture.home.join("out.txt")).unwrap();
    let mut command = fixture.client(&program);
    command
        .args([
            "exec",
            "--skip-git-repo-check",
            "--dangerously-bypass-hook-trust",
            "Work.",
        ])
        .env("SCRIPTED_KEY", "x")
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log);
    let mut client = Running(command.spawn().unwrap());
    fixture.assert_worked();
    fixture.wakes("Codex");
    // The last wait at the end of a turn runs out.
    client.wait();
    wait_for("the end of the session", PATIENCE, || {
        (fixture.ends() == ["over"]).then_some(())
    });
    fixture.site.assert_sound();
}
