//! Gemini CLI and OpenCode: each lists the entry that `install` wrote, and connects to it. Their models are not asked.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use issuecommand_testkit::machine::skipped;
use serde_json::json;

use super::fixture::{Fixture, Transport};
use super::installed;
use super::model::Model;
use super::openai::OpenAi;
use crate::harness::{Program, path_of};

/// Names the folder in which both are installed.
const FOLDER: &str = "ISSUECOMMAND_TEST_LISTED_CLIENTS";
/// What both say of an entry to which they have a connection.
const CONNECTED: &str = "✓ issuecommand";
/// Of one to which they have none.
const FAILED: &str = "✗ issuecommand";
/// Where there is no entry.
const NONE: &str = "No MCP servers configured";

#[test]
fn prove_clients_gemini_cli_connects() {
    gemini_cli_connects(Transport::Stdio);
}

#[test]
fn prove_clients_gemini_cli_connects_over_http() {
    gemini_cli_connects(Transport::Http);
}

#[test]
fn prove_clients_opencode_connects() {
    opencode_connects(Transport::Stdio);
}

#[test]
fn prove_clients_opencode_connects_over_http() {
    opencode_connects(Transport::Http);
}

fn gemini_cli_connects(transport: Transport) {
    let Some(program) = installed(FOLDER, "", ".bin", "gemini") else {
        return;
    };
    let fixture = Fixture::new(Model::start(OpenAi), transport);
    // As /permissions writes it: in another folder the entry is `Disabled`.
    let folder = fixture.home.join("project");
    let trusted = json!({ folder.to_str().unwrap(): "TRUST_FOLDER" });
    fs::create_dir_all(fixture.home.join(".gemini")).unwrap();
    fs::write(
        fixture.home.join(".gemini/trustedFolders.json"),
        trusted.to_string(),
    )
    .unwrap();
    let own = "{\n  // Mine.\n  \"privacy\": { \"usageStatisticsEnabled\": false }\n}\n";
    let file = ".gemini/settings.json";
    connects(&fixture, transport, "gemini", &program, (file, own));
}

fn opencode_connects(transport: Transport) {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        skipped("OpenCode is pinned for Linux on x86-64 alone");
        return;
    }
    let Some(program) = installed(FOLDER, "", "opencode-linux-", "opencode") else {
        return;
    };
    let fixture = Fixture::new(Model::start(OpenAi), transport);
    // Without the schema OpenCode itself would change the file.
    let own = "{\n  // Mine.\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n";
    let file = ".config/opencode/opencode.jsonc";
    connects(&fixture, transport, "opencode", &program, (file, own));
}

/// `install` into the user's own file, the client's list, an entry that leads nowhere, and `uninstall`.
fn connects(
    fixture: &Fixture,
    transport: Transport,
    client: &str,
    program: &Path,
    (file, own): (&str, &str),
) {
    let file = fixture.home.join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, own).unwrap();
    assert_lists(fixture, program, None, NONE);
    fixture.install(client, program);
    assert_lists(fixture, program, None, CONNECTED);
    // It does not say so of everything.
    let ours = path_of(Program::Combined);
    let entered = fs::read_to_string(&file).unwrap();
    match transport {
        Transport::Stdio => {
            let wrong = entered.replace(ours.to_str().unwrap(), "/dev/null/issuecommand");
            assert_ne!(wrong, entered);
            fs::write(&file, wrong).unwrap();
            assert_lists(fixture, program, None, FAILED);
            fs::write(&file, &entered).unwrap();
        }
        Transport::Http => assert_lists(fixture, program, Some("wrong"), FAILED),
    }
    let mut command = fixture.client(&ours, program);
    let done = command.args(["uninstall", client]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), own);
    assert_lists(fixture, program, None, NONE);
    fixture.site.assert_sound();
}

fn assert_lists(fixture: &Fixture, program: &Path, key: Option<&str>, words: &str) {
    let mut command = fixture.client(program, program);
    command
        .args(["mcp", "list"])
        .envs(key.map(|key| ("ISSUECOMMAND_KEY", key)))
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    // Gemini CLI lists on standard error.
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(words), "no {words:?} in: {said}");
}
