//! Codex.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use super::fixture::{Fixture, Running, Transport};
use super::model::{Model, Turn};
use super::openai::OpenAi;
use super::program;
use crate::harness::{PATIENCE, wait_for};

/// The user's own configuration before and after `install`.
fn configure(fixture: &Fixture, program: &Path) {
    let address = &fixture.model.address;
    let folder = fixture.home.join(".codex");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config.toml");
    let own = format!(
        "model = \"scripted\"\nmodel_provider = \"scripted\"\n[model_providers.scripted]\nname = \"scripted\"\n\
         base_url = \"http://{address}/v1\"\nwire_api = \"responses\"\nenv_key = \"SCRIPTED_KEY\"\n"
    );
    fs::write(&file, own).unwrap();
    fixture.install("codex", program);
    let server = "[mcp_servers.issuecommand]\n";
    let approved = format!("{server}default_tools_approval_mode = \"approve\"\n");
    let written = fs::read_to_string(&file).unwrap();
    // A shorter wait, for the end of the test.
    let changed = written
        .replace(server, &approved)
        .replace("hook codex stop", "hook codex stop --wait 20s");
    fs::write(file, changed).unwrap();
}

#[test]
fn prove_clients_codex_works_and_is_woken() {
    works_and_is_woken(Transport::Stdio);
}

#[test]
fn prove_clients_codex_works_and_is_woken_over_http() {
    works_and_is_woken(Transport::Http);
}

fn works_and_is_woken(transport: Transport) {
    let Some(program) = program(transport, "@openai", "codex-", "codex") else {
        return;
    };
    let fixture = Fixture::new(Model::start(OpenAi), transport);
    configure(&fixture, &program);
    fixture.script_work(Turn::Tool("exec_command", json!({ "cmd": "true" })));
    let log = File::create(fixture.home.join("out.txt")).unwrap();
    let mut command = fixture.client(&program, &program);
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
    fixture.wakes(&format!("Codex, {transport:?}"));
    // The last wait at the end of a turn runs out.
    client.wait();
    wait_for("the end of the session", PATIENCE, || {
        (fixture.ends() == ["over"]).then_some(())
    });
    fixture.site.assert_sound();
}
